namespace MmKernels.Compiler.Ir;

/// <summary>Appends operations to a block, folded where their result is already known.</summary>
internal sealed class IrBuilder(Function function)
{
    public Function Function => function;

    public Block Block { get; set; } = null!;

    /// <summary>The source place of values made from now on.</summary>
    public int Place { get; set; }

    public Value Int(int value) => function.Constant(IrType.I32, value);

    public Value Long(long value) => function.Constant(IrType.I64, value);

    public Value Unary(Op op, IrType type, Value x) => Make(op, type, [x]);

    public Value Binary(Op op, IrType type, Value x, Value y)
        => op.IsCommutative() && x.IsConstant && !y.IsConstant ? Make(op, type, [y, x]) : Make(op, type, [x, y]);

    public Value Binary(Op op, Value x, Value y) => Binary(op, x.Type, x, y);

    public Value Compare(Condition condition, Value x, Value y)
        => x.IsConstant && !y.IsConstant ? Make(Op.Compare, IrType.Pred, [y, x], (byte)condition.Swapped()) : Make(Op.Compare, IrType.Pred, [x, y], (byte)condition);

    public Value Select(Value condition, Value whenTrue, Value whenFalse) => Make(Op.Select, whenTrue.Type, [condition, whenTrue, whenFalse]);

    /// <summary>The condition that is true exactly where this one is false.</summary>
    public Value Not(Value condition)
        => condition.Op == Op.Compare
            ? Compare(condition.Condition.Inverse(condition.Args[0].Type.IsFloat()), condition.Args[0], condition.Args[1])
            : Unary(Op.Not, IrType.Pred, condition);

    /// <summary>An operation of any kind, folded where that is possible.</summary>
    public Value Make(Op op, IrType type, Value[] args, byte kind = 0)
        => Folder.Fold(function, op, type, args, kind) ?? Append(op, type, args, kind);

    /// <summary>An operation as it is.</summary>
    public Value Append(Op op, IrType type, Value[] args, byte kind = 0, long imm = 0, Access access = default, object? symbol = null)
    {
        var value = new Value(function.NextId(), op, type, args) { Kind = kind, Imm = imm, Access = access, Symbol = symbol, Block = Block, Place = Place };
        Block.Values.Add(value);
        return value;
    }
}
