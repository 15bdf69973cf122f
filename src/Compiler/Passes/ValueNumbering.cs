using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Shares equal values along the dominator tree, folds what became known, and applies <see cref="Simplify"/>.</summary>
internal sealed class ValueNumbering
{
    private readonly Function function;
    private readonly Dictionary<Value, Value> known = new(Comparer.Instance);
    private readonly Stack<Block> path = new();
    private readonly Stack<List<Value>> scopes = new();
    private readonly Simplify simplify;
    private List<Value> output = [];
    private List<Value> scope = [];

    private ValueNumbering(Function function)
    {
        this.function = function;
        simplify = new Simplify(function, Insert);
    }

    /// <summary>Compares values by operation and operands.</summary>
    public static IEqualityComparer<Value> SameOperation => Comparer.Instance;

    /// <summary>Dominators must be right.</summary>
    public static void Run(Function function) => new ValueNumbering(function).Run();

    private void Run()
    {
        Visit(function.Entry);
        while (path.Count > 0)
        {
            Block block = path.Peek();
            // Order counts the children that were visited; it is computed anew by the next pass that needs it.
            if (block.Order < block.Dominated.Count) Visit(block.Dominated[block.Order++]);
            else
            {
                path.Pop();
                foreach (Value key in scopes.Pop()) known.Remove(key);
            }
        }
        Rewrite.Apply(function);
    }

    private void Visit(Block block)
    {
        block.Order = 0;
        scope = [];
        List<Value> values = block.Values;
        output = new List<Value>(values.Count);
        foreach (Value value in values) Process(value, block);
        block.Values = output;
        if (block.Condition is { } condition) block.Condition = function.Plain(condition.Resolve());
        path.Push(block);
        scopes.Push(scope);
    }

    private void Process(Value value, Block block)
    {
        value.Block = block;
        Rewrite.ResolveArgs(function, value);
        if (value.Op == Op.Phi)
        {
            if (Rewrite.IsTrivial(function, value, out Value? same) && same is not null) value.Replacement = same;
            else output.Add(value);
            return;
        }
        if (value.Op is Op.Load or Op.Store or Op.Atomic) FoldAddress(value);
        if (Folder.FoldLoad(function, value) is { } known)
        {
            value.Replacement = known;
            return;
        }
        if (Folder.Fold(function, value.Op, value.Type, value.Args, value.Kind) is { } folded)
        {
            value.Replacement = function.Plain(folded);
            return;
        }
        if (simplify.Apply(value, block) is { } simpler)
        {
            value.Replacement = simpler;
            return;
        }
        Number(value);
    }

    /// <summary>
    /// Moves constants that are added to an address, or to the index in it, into the access. The latter assumes that indices do not overflow, as the
    /// translation does.
    /// </summary>
    private void FoldAddress(Value value)
    {
        while (value.Args[0] is { Op: Op.Add } sum)
        {
            if (sum.Args[1].IsConstant && FitsOffset(value.Imm + sum.Args[1].Imm))
            {
                value.Imm += sum.Args[1].Imm;
                value.Args[0] = sum.Args[0];
                continue;
            }
            Value scaled = sum.Args[1];
            if (scaled.Op is not (Op.MulWide or Op.SignExtend) || scaled.Args[0] is not { Op: Op.Add } index || !index.Args[1].IsConstant) return;
            long offset = value.Imm + index.Args[1].Imm * (scaled.Op == Op.MulWide ? scaled.Args[1].Imm : 1);
            if (!FitsOffset(offset)) return;
            Value rest = Insert(New(scaled.Op, scaled.Type, scaled.Op == Op.MulWide ? [index.Args[0], scaled.Args[1]] : [index.Args[0]], value));
            value.Args[0] = Insert(New(Op.Add, sum.Type, [sum.Args[0], rest], value));
            value.Imm = offset;
        }
    }

    private static bool FitsOffset(long offset) => offset is >= int.MinValue and <= int.MaxValue;

    private Value New(Op op, IrType type, Value[] args, Value user) => new(function.NextId(), op, type, args) { Block = user.Block, Place = user.Place };

    private void Number(Value value)
    {
        if (value.Op.IsPure() || value is { Op: Op.Load, Access: { ReadOnly: true, Count: 1 } })
        {
            if (known.TryGetValue(value, out Value? equal))
            {
                value.Replacement = equal;
                return;
            }
            known.Add(value, value);
            scope.Add(value);
        }
        output.Add(value);
    }

    /// <summary>Adds a value that a simplification made; the value to use instead is returned.</summary>
    private Value Insert(Value value)
    {
        Number(value);
        return value.Resolve();
    }

    /// <summary>Equal operations on equal operands.</summary>
    private sealed class Comparer : IEqualityComparer<Value>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(Value? x, Value? y)
        {
            if (ReferenceEquals(x, y)) return true;
            if (x!.Op != y!.Op || x.Type != y.Type || x.Kind != y.Kind || x.Imm != y.Imm || x.Args.Length != y.Args.Length || !ReferenceEquals(x.Symbol, y.Symbol)) return false;
            if (x.Op == Op.Load && x.Access != y.Access) return false;
            for (int i = 0; i < x.Args.Length; i++)
                if (x.Args[i] != y.Args[i]) return false;
            return true;
        }

        public int GetHashCode(Value value)
        {
            uint hash = ((uint)value.Op * 31 + (uint)value.Type) * 31 + value.Kind;
            hash = hash * 0x9E3779B1 + (uint)value.Imm;
            foreach (Value arg in value.Args) hash = hash * 0x9E3779B1 + (uint)arg.Id;
            return (int)(hash ^ (hash >> 15));
        }
    }
}
