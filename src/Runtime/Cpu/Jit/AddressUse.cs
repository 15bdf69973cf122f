using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Finds the 64-bit registers that serve addresses only.</summary>
internal static class AddressUse
{
    public static void Run(KernelCode code)
    {
        foreach (Reg register in code.Registers) register.AddressOnly = register.Kind == ValueKind.I64;
        // Where two indices are widened into one register, nobody could tell later which of them wrapped around.
        var widened = new HashSet<Reg>();
        foreach (Block block in code.Blocks)
            foreach (Instr instruction in block.Body)
                if (Widens(instruction) && !widened.Add(instruction.Targets[0]!)) instruction.Targets[0]!.AddressOnly = false;
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block block in code.Blocks)
                foreach (Instr instruction in block.Body)
                {
                    if (Passes(instruction)) continue;
                    foreach (Arg value in instruction.Values)
                    {
                        if (value.Register is not { AddressOnly: true } register) continue;
                        register.AddressOnly = false;
                        changed = true;
                    }
                }
        }
    }

    /// <summary>The instruction makes a 64-bit register of 32-bit values.</summary>
    public static bool Widens(Instr instruction)
        => instruction.Targets is [{ Kind: ValueKind.I64 }] && (instruction.Opcode == PtxOpcode.Cvt
            ? instruction.Type.Bits() == 64 && instruction.Operation.SourceType.Bits() == 32
            : instruction.Operation.Product == PtxProduct.Wide && instruction.Type.Bits() == 32);

    /// <summary>The instruction turns addresses into an address.</summary>
    private static bool Passes(Instr instruction)
        => instruction.Opcode is PtxOpcode.Add or PtxOpcode.Sub or PtxOpcode.Mul or PtxOpcode.Mad or PtxOpcode.Shl or PtxOpcode.Mov or PtxOpcode.Cvta
            && instruction.Targets is [{ AddressOnly: true }];
}
