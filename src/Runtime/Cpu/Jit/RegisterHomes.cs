using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Gives the registers of matrix instructions places in memory: a tile of accumulators is larger than the processor's register file, and
/// routines that work on memory need no copies, neither of their operands nor around barriers.
/// </summary>
internal sealed class RegisterHomes
{
    private readonly BitSet acrossBarriers;

    private RegisterHomes(KernelCode code, List<Region> regions)
    {
        acrossBarriers = new BitSet(code.Registers.Count);
        foreach (Region region in regions)
            if (region.Index > 0) acrossBarriers.UnionWith(region.Entry.LiveIn);
    }

    /// <summary>Bytes that the warps share.</summary>
    public int SharedBytes { get; private set; }

    /// <summary>Bytes of each warp.</summary>
    public int WarpBytes { get; private set; }

    /// <summary>Some instruction works on such memory.</summary>
    public bool AreNeeded { get; private set; }

    /// <summary>Assigns homes to accumulators first: an instruction's registers must follow each other to be used in place.</summary>
    public static RegisterHomes Assign(KernelCode code, List<Region> regions)
    {
        var homes = new RegisterHomes(code, regions);
        foreach (Instr instruction in Of(code, PtxOpcode.Mma))
        {
            if (MatrixShape.Of(instruction.Operation) is not { } shape) continue;
            homes.AreNeeded = true;
            if (shape.TypeD == PtxType.F32) homes.Place(instruction.Targets);
            if (shape.TypeC == PtxType.F32) homes.Place(Array.ConvertAll(instruction.Values[shape.FirstC..], v => v.Register));
        }
        homes.AreNeeded |= Of(code, PtxOpcode.WmmaLoad).Any() || Of(code, PtxOpcode.WmmaMma).Any();
        foreach (Instr instruction in Of(code, PtxOpcode.Ldmatrix))
        {
            homes.AreNeeded = true;
            homes.Place(instruction.Targets);
        }
        return homes;
    }

    private static IEnumerable<Instr> Of(KernelCode code, PtxOpcode opcode) => code.Blocks.SelectMany(b => b.Body).Where(i => i.Opcode == opcode);

    private void Place(Reg?[] registers)
    {
        bool perWarp = false;
        foreach (Reg? register in registers)
        {
            if (register is not { Shape.IsVarying: true, Home: null, Kind: ValueKind.I32 or ValueKind.F32 } || registers.Count(r => r == register) > 1) return;
            perWarp |= acrossBarriers[register.Index];
        }
        foreach (Reg? register in registers)
        {
            register!.Home = new RegisterHome(perWarp, perWarp ? WarpBytes : SharedBytes);
            if (perWarp) WarpBytes += RegisterHome.Bytes;
            else SharedBytes += RegisterHome.Bytes;
        }
    }
}
