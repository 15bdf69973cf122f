using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Code from the kernel's entry or from behind a barrier or cut up to the next ones; blocks may belong to several regions.
/// One generated method runs it for one slice of lanes, or for a whole warp where lanes exchange values.
/// </summary>
internal sealed class Region(int index, Block entry)
{
    public int Index => index;

    public Block Entry => entry;

    /// <summary>In layout order.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>Nobody waits in front of the entry.</summary>
    public bool BehindCut { get; private init; }

    /// <summary>Runs all 32 lanes of a warp at once.</summary>
    public bool Wide;

    /// <summary>The reduction barrier in front of the entry, whose targets are written first.</summary>
    public Instr? Reduction;

    /// <summary>Cuts the kernel at its barriers, then where it would be too large for one method: regions behind such cuts come last.</summary>
    public static List<Region> Form(KernelCode code)
    {
        var regions = new List<Region> { new(0, code.Entry) };
        var byEntry = new Dictionary<Block, Region> { [code.Entry] = regions[0] };
        foreach (bool cuts in new[] { false, true })
            foreach (Block block in code.Blocks)
            {
                if (block.End != BlockEnd.Barrier || block.Barrier is null != cuts || byEntry.ContainsKey(block.Next!)) continue;
                var region = new Region(regions.Count, block.Next!) { BehindCut = cuts };
                regions.Add(region);
                byEntry.Add(block.Next!, region);
            }
        foreach (Region region in regions) region.Collect(code);
        foreach (Block block in code.Blocks)
            if (block is { End: BlockEnd.Barrier, Barrier.Opcode: PtxOpcode.BarRed }) byEntry[block.Next!].Reduction = block.Barrier;
        return regions;
    }

    private void Collect(KernelCode code)
    {
        var reached = new HashSet<Block> { Entry };
        var stack = new Stack<Block>([Entry]);
        while (stack.TryPop(out Block? block))
        {
            if (block.End == BlockEnd.Barrier) continue;
            foreach (Block successor in block.Successors)
                if (reached.Add(successor)) stack.Push(successor);
        }
        foreach (Block block in code.Blocks)
            if (reached.Contains(block)) Blocks.Add(block);
        Wide = Blocks.Exists(b => b.Body.Exists(ExchangesLanes));
        if (!Wide) return;
        foreach (Block block in Blocks) block.Wide = true;
    }

    /// <summary>Registers read in blocks that the region may run more than once.</summary>
    public HashSet<Reg> UsedInLoops()
    {
        var used = new HashSet<Reg>();
        foreach (Block block in Blocks)
        {
            if (!Repeats(block)) continue;
            foreach (Instr instruction in block.Body) used.UnionWith(instruction.Reads());
            if (block.Guard is not null) used.Add(block.Guard);
        }
        return used;
    }

    private static bool Repeats(Block block)
    {
        var seen = new HashSet<Block>();
        var stack = new Stack<Block>();
        stack.Push(block);
        while (stack.TryPop(out Block? from))
        {
            if (from.End == BlockEnd.Barrier) continue;
            foreach (Block successor in from.Successors)
            {
                if (successor == block) return true;
                if (seen.Add(successor)) stack.Push(successor);
            }
        }
        return false;
    }

    /// <summary>Lanes of a warp see each other's values: they must run in step.</summary>
    private static bool ExchangesLanes(Instr instruction)
    {
        PtxOperation operation = instruction.Operation;
        switch (instruction.Opcode)
        {
            case PtxOpcode.Activemask or PtxOpcode.BarWarpSync or PtxOpcode.ElectSync or PtxOpcode.MatchSync or PtxOpcode.ReduxSync or PtxOpcode.Shfl
                or PtxOpcode.ShflSync or PtxOpcode.Vote or PtxOpcode.VoteSync or PtxOpcode.Ldmatrix or PtxOpcode.Stmatrix or PtxOpcode.Movmatrix
                or PtxOpcode.Mma or PtxOpcode.WmmaLoad or PtxOpcode.WmmaMma or PtxOpcode.WmmaStore or PtxOpcode.Membar or PtxOpcode.Fence:
                return true;
            case PtxOpcode.Ld or PtxOpcode.St:
                // Warp-synchronous code of old says volatile.
                return operation.Space is PtxSpace.Shared or PtxSpace.Generic && (operation.Has("volatile") || operation.Has("relaxed") || operation.Has("acquire") || operation.Has("release"));
            case PtxOpcode.Atom or PtxOpcode.Red:
                return operation.Space is PtxSpace.Shared or PtxSpace.Generic;
            default:
                return false;
        }
    }
}
