namespace MmKernels.Compiler.Ir;

/// <summary>Reverse post-order, immediate dominators (Cooper, Harvey, Kennedy 2001) and natural loops.</summary>
internal static class Dominators
{
    /// <summary>Orders the blocks, drops unreachable ones, and fills dominators. Predecessor lists must be right.</summary>
    public static void Compute(Function function)
    {
        Order(function);
        List<Block> blocks = function.Blocks;
        foreach (Block block in blocks)
        {
            block.Dominator = null;
            block.Dominated.Clear();
        }
        Block entry = function.Entry;
        entry.Dominator = entry;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 1; i < blocks.Count; i++)
            {
                Block block = blocks[i];
                Block? dominator = null;
                foreach (Block p in block.Predecessors)
                    if (p.Dominator is not null) dominator = dominator is null ? p : Intersect(dominator, p);
                if (dominator == block.Dominator) continue;
                block.Dominator = dominator;
                changed = true;
            }
        }
        for (int i = 1; i < blocks.Count; i++) blocks[i].Dominator!.Dominated.Add(blocks[i]);
    }

    /// <summary>Whether every path to <paramref name="b"/> goes through <paramref name="a"/>.</summary>
    public static bool Dominates(Block a, Block b)
    {
        while (b.Order > a.Order) b = b.Dominator!;
        return a == b;
    }

    /// <summary>Whether every loop has one entry. Dominators must be right.</summary>
    public static bool IsReducible(Function function)
    {
        foreach (Block block in function.Blocks)
            foreach (Block? successor in (ReadOnlySpan<Block?>)[block.Next, block.Else])
                if (successor is not null && successor.Order <= block.Order && !Dominates(successor, block)) return false;
        return true;
    }

    /// <summary>Finds the natural loops, outer before inner, and each block's innermost one. Dominators must be right.</summary>
    public static List<Loop> FindLoops(Function function)
    {
        foreach (Block block in function.Blocks) block.Loop = null;
        var loops = new List<Loop>();
        foreach (Block header in function.Blocks)
        {
            Loop? loop = null;
            foreach (Block p in header.Predecessors)
            {
                if (!Dominates(header, p)) continue;
                if (loop is null)
                {
                    loop = new Loop(header) { Parent = header.Loop };
                    loop.Depth = (header.Loop?.Depth ?? 0) + 1;
                    loops.Add(loop);
                    header.Loop = loop;
                    loop.Blocks.Add(header);
                }
                Collect(loop, p);
            }
        }
        return loops;
    }

    private static void Collect(Loop loop, Block latch)
    {
        var work = new Stack<Block>();
        work.Push(latch);
        while (work.Count > 0)
        {
            Block block = work.Pop();
            if (block.Loop == loop) continue;
            block.Loop = loop;
            loop.Blocks.Add(block);
            foreach (Block p in block.Predecessors) work.Push(p);
        }
    }

    private static Block Intersect(Block a, Block b)
    {
        while (a != b)
        {
            while (a.Order > b.Order) a = a.Dominator!;
            while (b.Order > a.Order) b = b.Dominator!;
        }
        return a;
    }

    private static void Order(Function function)
    {
        foreach (Block block in function.Blocks) block.Order = -1;
        var post = new List<Block>(function.Blocks.Count);
        var path = new Stack<Block>();
        Enter(function.Entry);
        while (path.Count > 0)
        {
            Block block = path.Peek();
            // Else first: in reverse post-order the taken side then follows its branch.
            if (block.Else is { Order: -1 } other) Enter(other);
            else if (block.Next is { Order: -1 } next) Enter(next);
            else
            {
                post.Add(path.Pop());
            }
        }
        post.Reverse();
        for (int i = 0; i < post.Count; i++) post[i].Order = i;
        function.Blocks = post;

        void Enter(Block block)
        {
            block.Order = 0;
            path.Push(block);
        }
    }
}
