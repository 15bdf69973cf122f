namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Joins blocks that always run one after the other, and leaves out empty ones.</summary>
internal static class BlockMerging
{
    public static void Run(KernelCode code)
    {
        CountPredecessors(code);
        SkipEmpty(code);
        CountPredecessors(code);
        for (int i = 0; i < code.Blocks.Count; i++)
        {
            Block block = code.Blocks[i];
            while (block is { End: BlockEnd.Jump, Next: { } next } && next != block && next != code.Entry && next.Predecessors.Count == 1) Append(block, next);
        }
        CountPredecessors(code);
    }

    /// <summary>Reachable blocks with their predecessors.</summary>
    private static void CountPredecessors(KernelCode code)
    {
        var reached = new HashSet<Block> { code.Entry };
        var stack = new Stack<Block>([code.Entry]);
        while (stack.TryPop(out Block? block))
            foreach (Block successor in block.Successors)
                if (reached.Add(successor)) stack.Push(successor);
        code.Blocks.RemoveAll(b => !reached.Contains(b));
        foreach (Block block in code.Blocks) block.Predecessors.Clear();
        foreach (Block block in code.Blocks)
            foreach (Block successor in block.Successors) successor.Predecessors.Add(block);
    }

    private static void SkipEmpty(KernelCode code)
    {
        foreach (Block block in code.Blocks)
        {
            if (block.Taken is not null) block.Taken = Behind(block.Taken);
            // What follows a barrier is the entry of a region and stays.
            if (block.Next is not null && block.End != BlockEnd.Barrier) block.Next = Behind(block.Next);
            if (block is not { End: BlockEnd.Branch } || block.Taken != block.Next) continue;
            (block.End, block.Taken, block.Guard) = (BlockEnd.Jump, null, null);
        }

        static Block Behind(Block block)
        {
            var seen = new HashSet<Block>();
            while (block is { End: BlockEnd.Jump, Body.Count: 0, Next: not null } && seen.Add(block)) block = block.Next;
            return block;
        }
    }

    private static void Append(Block block, Block next)
    {
        block.Body.AddRange(next.Body);
        (block.End, block.Guard, block.GuardNegated, block.Taken, block.Next, block.Barrier) = (next.End, next.Guard, next.GuardNegated, next.Taken, next.Next, next.Barrier);
        foreach (Block successor in block.Successors)
        {
            successor.Predecessors.Remove(next);
            successor.Predecessors.Add(block);
        }
        next.Predecessors.Clear();
        (next.End, next.Next, next.Taken) = (BlockEnd.Exit, null, null);
    }
}
