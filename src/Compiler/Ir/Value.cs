using MmKernels.Compiler.Build;

namespace MmKernels.Compiler.Ir;

/// <summary>How a load, store or atomic accesses memory.</summary>
/// <param name="Count">Elements: 1, 2 or 4.</param>
/// <param name="ReadOnly">No thread of the launch writes there: <c>ld.global.nc</c>.</param>
internal readonly record struct Access(Space Space, MemoryType Type, byte Count, bool ReadOnly);

/// <summary>An SSA value, and the instruction that computes it. Constants belong to no block.</summary>
internal sealed class Value : Abstract
{
    public static readonly Value[] None = [];

    public Value(int id, Op op, IrType type, Value[] args)
    {
        Id = id;
        Op = op;
        Type = type;
        Args = args;
    }

    public int Id { get; }

    public Op Op { get; set; }

    public IrType Type { get; }

    public Value[] Args { get; set; }

    /// <summary>Bits of a constant, byte offset of an access, index of a parameter, special register or extracted element.</summary>
    public long Imm { get; set; }

    /// <summary>The <see cref="Ir.Condition"/>, <see cref="ShuffleMode"/>, <see cref="VoteMode"/> or <see cref="AtomicOp"/>.</summary>
    public byte Kind { get; set; }

    public Access Access { get; init; }

    /// <summary>The array of a <see cref="Op.Symbol"/>, the text of an <see cref="Op.Asm"/>.</summary>
    public object? Symbol { get; init; }

    public Block? Block { get; set; }

    /// <summary>
    /// A constant that directs unrolling: variables holding it are known at every later place, whatever the control flow (see <see cref="Unroll"/>).
    /// </summary>
    public bool Static { get; init; }

    /// <summary>Where the value was found to equal another one.</summary>
    public Value? Replacement { get; set; }

    /// <summary>Scratch number of the pass that runs.</summary>
    public int Mark { get; set; }

    /// <summary>Index into the source places of the function; 0 for none.</summary>
    public int Place { get; set; }

    public bool IsConstant => Op == Op.Constant;

    public Condition Condition => (Condition)Kind;

    public float Float => BitConverter.Int32BitsToSingle((int)Imm);

    public double Double => BitConverter.Int64BitsToDouble(Imm);

    /// <summary>True for a constant with these bits.</summary>
    public bool Is(long bits) => Op == Op.Constant && Imm == bits;

    /// <summary>The value that stands for this one after replacements.</summary>
    public Value Resolve()
    {
        Value value = this;
        while (value.Replacement is { } next) value = next;
        return value;
    }

    public override string ToString() => IsConstant ? IrText.Constant(this) : $"%{Id}";
}
