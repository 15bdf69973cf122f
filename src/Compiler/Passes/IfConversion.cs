using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Turns branches around a few cheap operations into <c>selp</c>: without divergence, and without a join for the CPU's masks.</summary>
internal static class IfConversion
{
    private const int MaxValues = 4;
    private const int MaxPhis = 4;

    /// <summary>Blocks must be simplified before and are to be simplified after.</summary>
    public static bool Run(Function function)
    {
        bool changed = false;
        for (int i = function.Blocks.Count - 1; i >= 0; i--)
        {
            Block block = function.Blocks[i];
            if (block.Else is null) continue;
            Block next = block.Next!, other = block.Else;
            if (IsSide(next, block) && next.Next == other) changed |= Convert(function, block, next, null, other);
            else if (IsSide(other, block) && other.Next == next) changed |= Convert(function, block, null, other, next);
            else if (IsSide(next, block) && IsSide(other, block) && next.Next == other.Next) changed |= Convert(function, block, next, other, next.Next!);
        }
        if (changed) Rewrite.Apply(function);
        return changed;
    }

    private static bool IsSide(Block side, Block branch)
    {
        if (side.Predecessors.Count != 1 || side.Else is not null || side.Next is null || side.Next == branch || side.Next == side || side.Values.Count > MaxValues) return false;
        foreach (Value value in side.Values)
            if (!IsCheap(value)) return false;
        return true;
    }

    private static bool IsCheap(Value value) => value.Op is Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor or Op.Not or Op.Shl or Op.Shr or Op.ShrUnsigned or Op.Neg or Op.Abs
        or Op.Min or Op.Max or Op.MinUnsigned or Op.MaxUnsigned or Op.Compare or Op.Select or Op.SignExtend or Op.ZeroExtend or Op.Narrow or Op.Bitcast
        || (value.Op is Op.Mul or Op.Fma && value.Type != IrType.I64);

    private static bool Convert(Function function, Block block, Block? whenTrue, Block? whenFalse, Block join)
    {
        int phis = 0;
        foreach (Value value in join.Values)
        {
            if (value.Op != Op.Phi) break;
            if (++phis > MaxPhis || value.Type is IrType.I16) return false;
        }
        if (phis == 0 && whenTrue is null or { Values.Count: 0 } && whenFalse is null or { Values.Count: 0 }) return false;
        int trueIndex = join.Predecessors.IndexOf(whenTrue ?? block), falseIndex = join.Predecessors.IndexOf(whenFalse ?? block);
        Value condition = block.Condition!;
        Absorb(block, whenTrue);
        Absorb(block, whenFalse);
        foreach (Value phi in join.Values)
        {
            if (phi.Op != Op.Phi) break;
            Value yes = phi.Args[trueIndex].Resolve(), no = phi.Args[falseIndex].Resolve();
            Value chosen = yes == no ? yes : Select(function, block, condition, yes, no);
            phi.Args = With(phi.Args, trueIndex, falseIndex, chosen);
        }
        Keep(join, trueIndex, falseIndex, block);
        block.Condition = null;
        block.Next = join;
        block.Else = null;
        return true;
    }

    private static Value Select(Function function, Block block, Value condition, Value yes, Value no)
    {
        Value value;
        if (yes.Type == IrType.Pred)
        {
            // c ? a : b on truth values is (c & a) | (!c & b).
            Value both = Append(Op.And, condition, yes);
            Value neither = Append(Op.And, Append(Op.Not, condition), no);
            return Append(Op.Or, both, neither);
        }
        value = new Value(function.NextId(), Op.Select, yes.Type, [condition, yes, no]) { Block = block };
        block.Values.Add(value);
        return value;

        Value Append(Op op, params Value[] args)
        {
            var made = new Value(function.NextId(), op, IrType.Pred, args) { Block = block };
            block.Values.Add(made);
            return made;
        }
    }

    private static void Absorb(Block block, Block? side)
    {
        if (side is null) return;
        foreach (Value value in side.Values)
        {
            value.Block = block;
            block.Values.Add(value);
        }
        side.Values = [];
        side.Next = null;
        side.Predecessors.Clear();
    }

    private static Value[] With(Value[] args, int first, int second, Value value)
    {
        var rest = new List<Value>(args.Length - 1);
        for (int i = 0; i < args.Length; i++)
            if (i != first && i != second) rest.Add(args[i]);
        rest.Add(value);
        return [.. rest];
    }

    private static void Keep(Block join, int first, int second, Block block)
    {
        join.Predecessors.RemoveAt(Math.Max(first, second));
        join.Predecessors.RemoveAt(Math.Min(first, second));
        join.Predecessors.Add(block);
    }
}
