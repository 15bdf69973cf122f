using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// What a branch whose lanes part does to the blocks behind it: they run under masks, and a register that lanes waiting at a later
/// block still need must be blended (or, between slices that run one after the other, must not pass for warp-uniform).
/// </summary>
internal sealed class Divergence(KernelCode code)
{
    /// <summary>Blocks reachable from a parting branch before its lanes meet again.</summary>
    private readonly Dictionary<Block, HashSet<Block>> influence = [];

    /// <summary>Where the lanes of a parting branch are together again; null for the end of the kernel.</summary>
    private readonly Dictionary<Block, Block?> meeting = [];

    private readonly HashSet<Block> apart = [], apartSlices = [];

    private bool everywhere;

    /// <summary>All blocks run under masks: the last warp of a block lacks lanes.</summary>
    public void Everywhere()
    {
        everywhere = true;
        foreach (Block block in code.Blocks) block.Divergent = true;
    }

    /// <summary>Records that the lanes of this branch part; true when that is news.</summary>
    public bool Part(Block branch)
    {
        if (!apart.Add(branch)) return false;
        Mark(branch, _ => true);
        return true;
    }

    /// <summary>Records that whole slices part at this branch: only blocks that run a warp at once need masks.</summary>
    public bool PartSlices(Block branch)
    {
        if (apart.Contains(branch) || !apartSlices.Add(branch)) return false;
        Mark(branch, b => b.Wide);
        return true;
    }

    private void Mark(Block branch, Func<Block, bool> masked)
    {
        HashSet<Block> blocks = Influence(branch);
        foreach (Block block in blocks)
        {
            // Lanes that do not pass through this block wait where they can be without it, in a later block.
            BitSet keep = Keep(branch, block, blocks);
            if (masked(block))
            {
                block.Divergent = true;
                (block.Keep ??= new BitSet(code.Registers.Count)).UnionWith(keep);
            }
            else (block.KeepSlices ??= new BitSet(code.Registers.Count)).UnionWith(keep);
        }
    }

    private HashSet<Block> Influence(Block branch)
    {
        if (influence.TryGetValue(branch, out HashSet<Block>? known)) return known;
        Block? meets = branch.PostDominator;
        HashSet<Block> blocks = Reach(branch, meets);
        while (meets is not null && IsMetInAnotherRound(branch, meets, blocks)) blocks = Reach(branch, meets = meets.PostDominator);
        meeting[branch] = meets;
        if (blocks.Any(b => b.End == BlockEnd.Barrier))
        {
            // Some lanes may wait at the barrier while others go on: they do not meet before the end.
            blocks = Reach(branch, null);
            meeting[branch] = null;
        }
        influence.Add(branch, blocks);
        return blocks;
    }

    /// <summary>
    /// Whether some lanes come to the block only by way of a back edge of a loop around it (<c>if (a) continue;</c> where the loop's condition is the branch itself):
    /// the others run it, and the rest of the loop, a round before them.
    /// </summary>
    private static bool IsMetInAnotherRound(Block branch, Block meets, HashSet<Block> blocks)
    {
        for (Loop? loop = branch.Loop; loop is not null; loop = loop.Parent)
            if (blocks.Contains(loop.Header) && loop.Blocks.Contains(meets)) return true;
        return false;
    }

    private static HashSet<Block> Reach(Block branch, Block? end)
    {
        var blocks = new HashSet<Block>();
        var stack = new Stack<Block>(branch.Successors);
        while (stack.TryPop(out Block? block))
        {
            if (block == end || !blocks.Add(block)) continue;
            foreach (Block successor in block.Successors) stack.Push(successor);
        }
        return blocks;
    }

    /// <summary>
    /// Registers that lanes of the branch may still need at a block where they wait while another block runs. If that block lies behind the
    /// branch, they went forward around it; if it lies before, it runs again in a loop that the waiting lanes have left.
    /// </summary>
    private BitSet Keep(Block branch, Block running, HashSet<Block> blocks)
    {
        var keep = new BitSet(code.Registers.Count);
        Loop? left = null;
        if (branch.Order >= running.Order)
        {
            left = branch.Loop;
            while (left is not null && !left.Blocks.Contains(running)) left = left.Parent;
        }
        var seen = new HashSet<Block>();
        var stack = new Stack<Block>();
        Push(branch);
        while (stack.TryPop(out Block? block))
        {
            if (block == running || !seen.Add(block)) continue;
            if (block.Order > running.Order && left?.Blocks.Contains(block) != true) keep.UnionWith(block.LiveIn);
            if (block != meeting[branch] && blocks.Contains(block)) Push(block);
        }
        return keep;

        void Push(Block from)
        {
            foreach (Block successor in from.Successors)
                if (successor.Order > from.Order) stack.Push(successor);
        }
    }

    /// <summary>The block to visit behind this one while lanes are apart: the next in layout order that lanes of the same branches can reach.</summary>
    public Block? After(Block block, List<Block> among)
    {
        if (everywhere) return among.Find(b => b.Order > block.Order);
        Block? best = null;
        foreach (Block branch in apart.Concat(apartSlices.Where(b => b.Wide)))
        {
            if (block != branch && !influence[branch].Contains(block)) continue;
            foreach (Block candidate in among)
            {
                if (candidate.Order <= block.Order || (best is not null && candidate.Order >= best.Order)) continue;
                if (candidate == meeting[branch] || influence[branch].Contains(candidate)) best = candidate;
            }
        }
        return best;
    }
}
