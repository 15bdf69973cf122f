using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Follows branches that are decided, drops what cannot be reached, joins chains of blocks and skips empty ones.</summary>
internal static class SimplifyBlocks
{
    public static void Run(Function function)
    {
        for (bool changed = true; changed;)
        {
            changed = FoldBranches(function);
            RemoveUnreachable(function);
            changed |= Merge(function);
            changed |= SkipEmpty(function);
        }
        RemoveUnreachable(function);
        RemoveSinglePhis(function);
    }

    /// <summary>Where edges went away, a phi may have one argument left.</summary>
    private static void RemoveSinglePhis(Function function)
    {
        bool any = false;
        foreach (Block block in function.Blocks)
        {
            if (block.Predecessors.Count != 1) continue;
            foreach (Value value in block.Values)
            {
                if (value.Op != Op.Phi) break;
                value.Replacement = function.Plain(value.Args[0].Resolve());
                any = true;
            }
        }
        if (any) Rewrite.Apply(function);
    }

    private static bool FoldBranches(Function function)
    {
        bool changed = false;
        foreach (Block block in function.Blocks)
        {
            if (block.Condition is not { IsConstant: true } condition) continue;
            (Block taken, Block other) = condition.Imm != 0 ? (block.Next!, block.Else!) : (block.Else!, block.Next!);
            block.Condition = null;
            block.Next = taken;
            block.Else = null;
            Rewrite.RemoveEdge(block, other);
            changed = true;
        }
        return changed;
    }

    private static void RemoveUnreachable(Function function)
    {
        foreach (Block block in function.Blocks) block.Order = -1;
        var reached = new List<Block>(function.Blocks.Count) { function.Entry };
        function.Entry.Order = 0;
        for (int i = 0; i < reached.Count; i++)
        {
            Reach(reached[i].Next);
            Reach(reached[i].Else);
        }
        if (reached.Count == function.Blocks.Count) return;
        foreach (Block block in function.Blocks)
        {
            if (block.Order >= 0) continue;
            if (block.Next is { Order: >= 0 } next) Rewrite.RemoveEdge(block, next);
            if (block.Else is { Order: >= 0 } other) Rewrite.RemoveEdge(block, other);
        }
        function.Blocks.RemoveAll(static b => b.Order < 0);

        void Reach(Block? block)
        {
            if (block is not { Order: < 0 }) return;
            block.Order = 0;
            reached.Add(block);
        }
    }

    private static bool Merge(Function function)
    {
        bool changed = false;
        foreach (Block block in function.Blocks)
        {
            if (block.Order < 0) continue;
            while (block is { Else: null, Next: { } next } && next != block && next != function.Entry && next.Predecessors.Count == 1)
            {
                Absorb(function, block, next);
                changed = true;
            }
        }
        if (!changed) return false;
        function.Blocks.RemoveAll(static b => b.Order < 0);
        Rewrite.Apply(function);
        return true;
    }

    private static void Absorb(Function function, Block block, Block next)
    {
        foreach (Value value in next.Values)
        {
            if (value.Op == Op.Phi)
            {
                value.Replacement = function.Plain(value.Args[0].Resolve());
                continue;
            }
            value.Block = block;
            block.Values.Add(value);
        }
        block.Condition = next.Condition;
        block.Next = next.Next;
        block.Else = next.Else;
        next.Order = -1;
        Retarget(block.Next, next, block);
        Retarget(block.Else, next, block);
        next.Next = next.Else = null;

        static void Retarget(Block? successor, Block from, Block to)
        {
            if (successor is not null) successor.Predecessors[successor.Predecessors.IndexOf(from)] = to;
        }
    }

    private static bool SkipEmpty(Function function)
    {
        bool changed = false;
        foreach (Block block in function.Blocks)
        {
            if (block.Values.Count > 0 || block.Condition is not null || block.Next is not { } next || next == block || block == function.Entry) continue;
            bool hasPhis = next.Values.Count > 0 && next.Values[0].Op == Op.Phi;
            for (int p = block.Predecessors.Count - 1; p >= 0; p--)
            {
                Block from = block.Predecessors[p];
                bool isNeighbour = next.Predecessors.Contains(from);
                if (hasPhis && isNeighbour) continue;
                Redirect(from, block, next, isNeighbour);
                block.Predecessors.RemoveAt(p);
                changed = true;
            }
        }
        return changed;
    }

    private static void Redirect(Block from, Block skipped, Block to, bool isNeighbour)
    {
        if (isNeighbour)
        {
            // Both sides of the branch now lead to the same place.
            from.Condition = null;
            from.Next = to;
            from.Else = null;
            return;
        }
        if (from.Next == skipped) from.Next = to;
        else from.Else = to;
        int index = to.Predecessors.IndexOf(skipped);
        to.Predecessors.Add(from);
        foreach (Value value in to.Values)
        {
            if (value.Op != Op.Phi) break;
            value.Args = [.. value.Args, value.Args[index]];
        }
    }
}
