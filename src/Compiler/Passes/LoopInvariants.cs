using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Moves pure values whose operands do not change in a loop in front of it; inner loops first, so that values move out as far as they can.</summary>
internal static class LoopInvariants
{
    /// <summary>Dominators must be right; they are right afterwards.</summary>
    public static void Run(Function function)
    {
        List<Loop> loops = Dominators.FindLoops(function);
        if (loops.Count == 0) return;
        bool added = false;
        foreach (Loop loop in loops) added |= EnsurePreheader(function, loop);
        if (added)
        {
            Dominators.Compute(function);
            loops = Dominators.FindLoops(function);
        }
        for (int i = loops.Count - 1; i >= 0; i--) Hoist(function, loops[i]);
    }

    private static Block? Preheader(Loop loop)
    {
        Block? only = null;
        foreach (Block p in loop.Header.Predecessors)
        {
            if (loop.Contains(p)) continue;
            if (only is not null) return null;
            only = p;
        }
        return only is { Else: null } ? only : null;
    }

    private static void Hoist(Function function, Loop loop)
    {
        if (Preheader(loop) is not { } target) return;
        // In reverse post-order, operands come before their users.
        foreach (Block block in function.Blocks)
        {
            if (!loop.Contains(block)) continue;
            List<Value> values = block.Values;
            int kept = 0;
            for (int i = 0; i < values.Count; i++)
            {
                Value value = values[i];
                if (CanMove(value, loop))
                {
                    value.Block = target;
                    target.Values.Add(value);
                }
                else values[kept++] = value;
            }
            values.RemoveRange(kept, values.Count - kept);
        }
    }

    private static bool CanMove(Value value, Loop loop)
    {
        if (!value.Op.IsPure()) return false;
        // A division that the loop may skip is not worth executing, and may be by zero.
        if (value.Op is Op.Div or Op.DivUnsigned or Op.Rem or Op.RemUnsigned && value.Type.IsInteger() && !value.Args[1].IsConstant) return false;
        foreach (Value arg in value.Args)
            if (!arg.IsConstant && loop.Contains(arg.Block!)) return false;
        return true;
    }

    private static bool EnsurePreheader(Function function, Loop loop)
    {
        Block header = loop.Header;
        if (Preheader(loop) is not null) return false;
        var outside = new List<Block>();
        foreach (Block p in header.Predecessors)
            if (!loop.Contains(p)) outside.Add(p);
        Block made = function.NewBlock();
        made.Next = header;
        foreach (Value phi in header.Values)
        {
            if (phi.Op != Op.Phi) break;
            SplitPhi(function, phi, header, outside, made);
        }
        foreach (Block p in outside)
        {
            if (p.Next == header) p.Next = made;
            else p.Else = made;
            made.Predecessors.Add(p);
            header.Predecessors.Remove(p);
        }
        header.Predecessors.Add(made);
        return true;
    }

    /// <summary>The arguments from outside the loop meet in the new block.</summary>
    private static void SplitPhi(Function function, Value phi, Block header, List<Block> outside, Block made)
    {
        var entering = new List<Value>();
        var staying = new List<Value>();
        for (int i = 0; i < phi.Args.Length; i++)
            (outside.Contains(header.Predecessors[i]) ? entering : staying).Add(phi.Args[i]);
        Value entry = entering[0];
        if (entering.Count > 1)
        {
            entry = new Value(function.NextId(), Op.Phi, phi.Type, [.. entering]) { Block = made };
            made.Values.Add(entry);
        }
        staying.Add(entry);
        phi.Args = [.. staying];
    }
}
