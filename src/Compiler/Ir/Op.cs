namespace MmKernels.Compiler.Ir;

/// <summary>Operations of the IR. Integer and float forms share a name; the type of the value tells them apart.</summary>
internal enum Op : byte
{
    // Leaves.
    Constant, ReadVariable, Parameter, Special, Symbol,

    // Arithmetic.
    Add, Sub, Mul, MulHigh, MulHighUnsigned, MulWide, MulWideUnsigned, Div, DivUnsigned, Rem, RemUnsigned,
    And, Or, Xor, Not, Shl, Shr, ShrUnsigned, Neg, Abs, Min, Max, MinUnsigned, MaxUnsigned, Fma,
    PopCount, LeadingZeros, ReverseBits,

    // Float functions.
    Sqrt, Rsqrt, Rcp, Exp2, Log2, Sin, Cos, Tanh, Floor, Ceiling, Truncate, Round,

    // Comparisons and choice.
    Compare, Select,

    // Conversions.
    SignExtend, ZeroExtend, Narrow, SignExtend8, SignExtend16,
    IntToFloat, UnsignedToFloat, FloatToInt, FloatToUnsigned, FloatToFloat,
    HalfToFloat, FloatToHalf, BrainToFloat, FloatToBrain, Bitcast, Pack, UnpackLow, UnpackHigh,

    // Memory.
    Load, Extract, Store, Atomic, Fence,

    // Threads.
    Barrier, WarpBarrier, Shuffle, Vote,

    // Inline PTX.
    Asm,

    Phi,
}

/// <summary>Comparisons. The unsigned ones are for integers; the U forms are true when an operand is NaN.</summary>
internal enum Condition : byte { Eq, Ne, Lt, Le, Gt, Ge, Lo, Ls, Hi, Hs, Equ, Neu, Ltu, Leu, Gtu, Geu }

/// <summary>Which lane a shuffle reads from.</summary>
internal enum ShuffleMode : byte { Xor, Down, Up, Index }

/// <summary>What a vote gives.</summary>
internal enum VoteMode : byte { All, Any, Ballot }

/// <summary>Read-modify-write operations on memory.</summary>
internal enum AtomicOp : byte { Add, MinSigned, MaxSigned, MinUnsigned, MaxUnsigned, And, Or, Xor, Exchange, CompareExchange }

/// <summary>Facts about an <see cref="Op"/>.</summary>
internal static class Ops
{
    /// <summary>True where equal arguments give equal results and nothing else happens; such values can be shared, moved and removed.</summary>
    public static bool IsPure(this Op op) => op < Op.Load;

    /// <summary>True where the value must stay even when nobody reads it.</summary>
    public static bool HasEffect(this Op op) => op is Op.Store or Op.Atomic or Op.Fence or Op.Barrier or Op.WarpBarrier or Op.Shuffle or Op.Vote or Op.Asm;

    public static bool IsCommutative(this Op op) => op is Op.Add or Op.Mul or Op.MulHigh or Op.MulHighUnsigned or Op.MulWide or Op.MulWideUnsigned
        or Op.And or Op.Or or Op.Xor or Op.Min or Op.Max or Op.MinUnsigned or Op.MaxUnsigned;

    /// <summary>The comparison that is true exactly where this one is false.</summary>
    public static Condition Inverse(this Condition condition, bool isFloat) => condition switch
    {
        Condition.Eq => isFloat ? Condition.Neu : Condition.Ne,
        Condition.Ne => isFloat ? Condition.Equ : Condition.Eq,
        Condition.Lt => isFloat ? Condition.Geu : Condition.Ge,
        Condition.Le => isFloat ? Condition.Gtu : Condition.Gt,
        Condition.Gt => isFloat ? Condition.Leu : Condition.Le,
        Condition.Ge => isFloat ? Condition.Ltu : Condition.Lt,
        Condition.Lo => Condition.Hs,
        Condition.Ls => Condition.Hi,
        Condition.Hi => Condition.Ls,
        Condition.Hs => Condition.Lo,
        Condition.Equ => Condition.Ne,
        Condition.Neu => Condition.Eq,
        Condition.Ltu => Condition.Ge,
        Condition.Leu => Condition.Gt,
        Condition.Gtu => Condition.Le,
        _ => Condition.Lt,
    };

    /// <summary>The comparison with its operands exchanged.</summary>
    public static Condition Swapped(this Condition condition) => condition switch
    {
        Condition.Lt => Condition.Gt,
        Condition.Le => Condition.Ge,
        Condition.Gt => Condition.Lt,
        Condition.Ge => Condition.Le,
        Condition.Lo => Condition.Hi,
        Condition.Ls => Condition.Hs,
        Condition.Hi => Condition.Lo,
        Condition.Hs => Condition.Ls,
        Condition.Ltu => Condition.Gtu,
        Condition.Leu => Condition.Geu,
        Condition.Gtu => Condition.Ltu,
        Condition.Geu => Condition.Leu,
        _ => condition,
    };
}
