using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Affine 32-bit values that become 64-bit addresses may wrap around between two lanes of a slice, and one base serves only the lanes on one
/// side of that edge. Each such conversion has a flag per slice that holds the lanes on the other side; accesses test the flags of the
/// conversions that their addresses come from.
/// </summary>
internal sealed class WrapFlags
{
    private readonly Dictionary<Instr, int> conversions = [];
    private readonly Dictionary<Reg, BitSet> origins = [];
    private readonly ValueRanges ranges;

    public WrapFlags(KernelCode code, ShapeRules rules)
    {
        ranges = new ValueRanges(code);
        foreach (Block block in code.Blocks)
            foreach (Instr instruction in block.Body)
                if (IsChecked(instruction, rules)) conversions.Add(instruction, conversions.Count);
        if (conversions.Count == 0) return;
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block block in code.Blocks)
                foreach (Instr instruction in block.Body)
                {
                    if (instruction.Targets is not [{ AddressOnly: true } target]) continue;
                    if (conversions.TryGetValue(instruction, out int conversion) && !Of(target)[conversion]) changed = Of(target)[conversion] = true;
                    foreach (Arg value in instruction.Values)
                        if (value.Register is { } register && origins.TryGetValue(register, out BitSet? from)) changed |= Of(target).UnionWith(from);
                }
        }

        BitSet Of(Reg register)
        {
            if (!origins.TryGetValue(register, out BitSet? set)) origins.Add(register, set = new BitSet(conversions.Count));
            return set;
        }
    }

    public int Count => conversions.Count;

    /// <summary>Number of the flag that a conversion writes; -1 where it cannot wrap.</summary>
    public int Written(Instr instruction) => conversions.GetValueOrDefault(instruction, -1);

    private static bool Signed(Instr widening) => (widening.Opcode == PtxOpcode.Cvt ? widening.Operation.SourceType : widening.Type).IsSigned();

    /// <summary>Numbers of the flags that concern an address.</summary>
    public IEnumerable<int> Read(Reg? address) => address is not null && origins.TryGetValue(address, out BitSet? from) ? from.Members() : [];

    /// <summary>A 32-bit affine source of a scalar 64-bit result that may have wrapped around.</summary>
    private bool IsChecked(Instr instruction, ShapeRules rules)
    {
        if (!AddressUse.Widens(instruction) || instruction.Targets[0] is not { AddressOnly: true, Shape.IsScalar: true }) return false;
        foreach (Arg value in instruction.Values[..Math.Min(2, instruction.Values.Length)])
            if (value.Register is { Kind: ValueKind.I32 } && rules.Of(value) is { IsScalar: true, Stride: not 0 } && !ranges.IsExact(value, Signed(instruction))) return true;
        return false;
    }
}
