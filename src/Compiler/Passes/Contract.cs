using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>
/// Turns a product that is only added or subtracted into a fused multiply-add: a·b + c, c + a·b, a·b - c, c - a·b. Where both operands are products, the
/// right one is fused. See <see cref="CompileOptions.Contract"/>.
/// </summary>
internal static class Contract
{
    public static void Run(Function function)
    {
        foreach (Block block in function.Blocks)
            foreach (Value value in block.Values) value.Mark = 0;
        foreach (Block block in function.Blocks)
        {
            foreach (Value value in block.Values)
                foreach (Value arg in value.Args) Count(arg);
            if (block.Condition is { } condition) Count(condition);
        }
        foreach (Block block in function.Blocks)
        {
            List<Value> values = block.Values;
            for (int i = 0; i < values.Count; i++)
            {
                Value value = values[i];
                if (!value.Type.IsFloat() || value.Op is not (Op.Add or Op.Sub)) continue;
                if (Fuse(function, value) is { } negated) values.Insert(i++, negated);
            }
        }

        static void Count(Value value)
        {
            if (!value.IsConstant) value.Mark++;
        }
    }

    /// <summary>Makes the value a multiply-add where it is one; returns the negation that it needs, if any.</summary>
    private static Value? Fuse(Function function, Value value)
    {
        for (int k = 1; k >= 0; k--)
        {
            Value product = value.Args[k], rest = value.Args[1 - k];
            if (product.Op != Op.Mul || product.Mark != 1 || product.Block != value.Block) continue;
            Value a = product.Args[0], b = product.Args[1];
            Value? negated = null;
            if (value.Op == Op.Sub)
            {
                Value positive = k == 1 ? a : rest;
                Value negative = Folder.Fold(function, Op.Neg, value.Type, [positive], 0)
                    ?? (negated = new Value(function.NextId(), Op.Neg, value.Type, [positive]) { Block = value.Block, Place = value.Place });
                if (k == 1) a = negative;
                else rest = negative;
            }
            value.Op = Op.Fma;
            value.Args = [a, b, rest];
            return negated;
        }
        return null;
    }
}
