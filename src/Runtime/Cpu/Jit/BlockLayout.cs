namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Puts the blocks in an order that masked execution can follow: topological but for back edges, every loop contiguous and with one
/// back edge. Also finds dominators, post-dominators and loops.
/// </summary>
internal static class BlockLayout
{
    /// <exception cref="NotCompilableException">The graph is irreducible.</exception>
    public static void Run(KernelCode code)
    {
        List<Block> order = ReversePostorder(code.Blocks);
        Dominators(order);
        if (JoinBackEdges(order, code.Blocks))
        {
            order = ReversePostorder(code.Blocks);
            Dominators(order);
        }
        FindLoops(order);
        code.Blocks = Schedule(order);
        PostDominators(code.Blocks);
    }

    private static List<Block> ReversePostorder(List<Block> blocks)
    {
        var order = new List<Block>(blocks.Count);
        var seen = new HashSet<Block>();
        var stack = new Stack<(Block Block, IEnumerator<Block> Left)>();
        seen.Add(blocks[0]);
        stack.Push((blocks[0], blocks[0].Successors.GetEnumerator()));
        while (stack.TryPeek(out (Block Block, IEnumerator<Block> Left) top))
        {
            if (top.Left.MoveNext())
            {
                if (seen.Add(top.Left.Current)) stack.Push((top.Left.Current, top.Left.Current.Successors.GetEnumerator()));
                continue;
            }
            order.Add(top.Block);
            stack.Pop();
        }
        order.Reverse();
        for (int i = 0; i < order.Count; i++) order[i].Postorder = i;
        foreach (Block block in order) block.Predecessors.RemoveAll(p => !seen.Contains(p));
        return order;
    }

    private static void Dominators(List<Block> order)
    {
        foreach (Block block in order) block.Dominator = null;
        order[0].Dominator = order[0];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block block in order)
            {
                if (block == order[0]) continue;
                Block? found = null;
                foreach (Block predecessor in block.Predecessors)
                    if (predecessor.Dominator is not null) found = found is null ? predecessor : Common(found, predecessor);
                if (found == block.Dominator) continue;
                block.Dominator = found;
                changed = true;
            }
        }

        static Block Common(Block a, Block b)
        {
            while (a != b)
            {
                while (a.Postorder > b.Postorder) a = a.Dominator!;
                while (b.Postorder > a.Postorder) b = b.Dominator!;
            }
            return a;
        }
    }

    private static bool Dominates(Block a, Block b)
    {
        while (b.Postorder > a.Postorder) b = b.Dominator!;
        return a == b;
    }

    /// <summary>Where several back edges meet at a header, or one leaves a block that also branches elsewhere, a block of their own joins them.</summary>
    private static bool JoinBackEdges(List<Block> order, List<Block> blocks)
    {
        bool changed = false;
        foreach (Block header in order)
        {
            List<Block> latches = header.Predecessors.FindAll(p => p.Postorder >= header.Postorder);
            foreach (Block latch in latches)
                if (!Dominates(header, latch)) throw new NotCompilableException(0, "a loop with several entries");
            if (latches.Count < 2) continue;
            var joined = new Block(blocks.Count) { End = BlockEnd.Jump, Next = header };
            blocks.Add(joined);
            foreach (Block latch in latches)
            {
                if (latch.Taken == header) latch.Taken = joined;
                if (latch.Next == header) latch.Next = joined;
                header.Predecessors.Remove(latch);
                joined.Predecessors.Add(latch);
            }
            header.Predecessors.Add(joined);
            changed = true;
        }
        return changed;
    }

    private static void FindLoops(List<Block> order)
    {
        foreach (Block block in order) block.Loop = null;
        foreach (Block header in order)
        {
            Block? latch = header.Predecessors.Find(p => p.Postorder >= header.Postorder);
            if (latch is null) continue;
            var loop = new Loop(header, header.Loop);
            var stack = new Stack<Block>();
            loop.Blocks.Add(header);
            stack.Push(latch);
            while (stack.TryPop(out Block? block))
            {
                if (!loop.Blocks.Add(block)) continue;
                foreach (Block predecessor in block.Predecessors) stack.Push(predecessor);
            }
            // Headers come outermost first in this order, so a later loop lies deeper.
            foreach (Block block in loop.Blocks) block.Loop = loop;
        }
    }

    private static List<Block> Schedule(List<Block> order)
    {
        var waiting = new Dictionary<Block, int>();
        foreach (Block block in order) waiting[block] = block.Predecessors.Count(p => p.Postorder < block.Postorder);
        var result = new List<Block>(order.Count);
        var ready = new List<Block> { order[0] };
        Loop? loop = null;
        while (ready.Count > 0)
        {
            Block next = Choose(ready, loop);
            ready.Remove(next);
            next.Order = result.Count;
            result.Add(next);
            loop = next.Loop;
            foreach (Block successor in next.Successors)
                if (successor.Postorder > next.Postorder && --waiting[successor] == 0) ready.Add(successor);
        }
        return result;
    }

    /// <summary>A ready block of the innermost unfinished loop, the earliest in reverse post-order.</summary>
    private static Block Choose(List<Block> ready, Loop? loop)
    {
        for (; ; loop = loop.Parent)
        {
            Block? best = null;
            foreach (Block block in ready)
                if ((loop is null || loop.Blocks.Contains(block)) && (best is null || block.Postorder < best.Postorder)) best = block;
            if (best is not null) return best;
            if (loop is null) throw new InvalidOperationException("no block is ready");
        }
    }

    /// <summary>Null where paths leave the kernel apart, or not at all.</summary>
    private static void PostDominators(List<Block> blocks)
    {
        // Reverse graph with a virtual exit, numbered by a walk from the exits.
        var number = new Dictionary<Block, int>();
        var order = new List<Block>();
        var seen = new HashSet<Block>();
        foreach (Block end in blocks)
        {
            if (end.Successors.Any() || !seen.Add(end)) continue;
            var stack = new Stack<(Block Block, int Next)>();
            stack.Push((end, 0));
            while (stack.TryPop(out (Block Block, int Next) top))
            {
                if (top.Next < top.Block.Predecessors.Count)
                {
                    stack.Push((top.Block, top.Next + 1));
                    if (seen.Add(top.Block.Predecessors[top.Next])) stack.Push((top.Block.Predecessors[top.Next], 0));
                }
                else
                {
                    number[top.Block] = order.Count;
                    order.Add(top.Block);
                }
            }
        }
        // -1 is unknown; the virtual exit has the highest number.
        int exit = order.Count;
        var found = new int[order.Count + 1];
        Array.Fill(found, -1);
        found[exit] = exit;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = order.Count - 1; i >= 0; i--)
            {
                int common = -1;
                bool ends = true;
                foreach (Block successor in order[i].Successors)
                {
                    ends = false;
                    if (number.TryGetValue(successor, out int s) && found[s] >= 0) common = common < 0 ? s : Common(common, s);
                }
                if (ends) common = exit;
                if (common < 0 || common == found[i]) continue;
                found[i] = common;
                changed = true;
            }
        }
        for (int i = 0; i < order.Count; i++) order[i].PostDominator = found[i] >= 0 && found[i] < exit ? order[found[i]] : null;

        int Common(int a, int b)
        {
            while (a != b)
            {
                while (a < b) a = found[a];
                while (b < a) b = found[b];
            }
            return a;
        }
    }
}
