using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>
/// Computes what several branches compute alike once, in the block that leads to all of them. Unrolled loads behind bounds checks share their address arithmetic so.
/// </summary>
internal static class HoistShared
{
    /// <summary>Dominators must be right.</summary>
    public static void Run(Function function)
    {
        Dominators.FindLoops(function);
        var known = new Dictionary<Value, Value>(ValueNumbering.SameOperation);
        bool moved = false;
        foreach (Block block in function.Blocks)
        {
            foreach (Value value in block.Values)
            {
                if (value.Op == Op.Phi || !IsCheap(value)) continue;
                Rewrite.ResolveArgs(function, value);
                if (!known.TryGetValue(value, out Value? first)) known.Add(value, value);
                else if (MeetingPoint(first, block) is { } target)
                {
                    if (first.Block != target)
                    {
                        first.Block = target;
                        target.Values.Add(first);
                    }
                    value.Replacement = first;
                    moved = true;
                }
            }
        }
        if (!moved) return;
        foreach (Block block in function.Blocks) RemoveMoved(block);
        Rewrite.Apply(function);
    }

    /// <summary>Moved values stand at the end of their new block, and still in the old one.</summary>
    private static void RemoveMoved(Block block) => block.Values.RemoveAll(v => v.Block != block);

    private static Block? MeetingPoint(Value first, Block other)
    {
        Block a = first.Block!, b = other;
        while (a != b)
        {
            while (a.Order > b.Order) a = a.Dominator!;
            while (b.Order > a.Order) b = b.Dominator!;
        }
        int depth = a.Loop?.Depth ?? 0;
        if (depth > (first.Block!.Loop?.Depth ?? 0) || depth > (other.Loop?.Depth ?? 0)) return null;
        foreach (Value arg in first.Args)
            if (!arg.IsConstant && !Dominators.Dominates(arg.Block!, a)) return null;
        return a;
    }

    private static bool IsCheap(Value value) => value.Op is Op.Add or Op.Sub or Op.Mul or Op.MulWide or Op.And or Op.Or or Op.Xor or Op.Shl or Op.Shr or Op.ShrUnsigned
        or Op.SignExtend or Op.ZeroExtend or Op.Narrow or Op.Compare && (value.Type.IsInteger() || value.Op == Op.Compare);
}
