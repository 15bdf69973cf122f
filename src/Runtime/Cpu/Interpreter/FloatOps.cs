using System.Numerics;
using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>f32 and f64 instructions without modifiers that change the arithmetic; <see cref="FloatSlow"/> has the rest.</summary>
internal static unsafe class FloatOps<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>, IMinMaxValue<T>
{
    public static Handler Find(PtxOperation operation)
    {
        if (operation.Ftz || operation.Sat || operation.Rounding is not (PtxRounding.None or PtxRounding.Rn)) return null;
        return operation.Opcode switch
        {
            PtxOpcode.Add => &LaneOps.Binary<T, T, Add>,
            PtxOpcode.Sub => &LaneOps.Binary<T, T, Sub>,
            PtxOpcode.Mul => &LaneOps.Binary<T, T, Mul>,
            PtxOpcode.Div => &LaneOps.Binary<T, T, Div>,
            PtxOpcode.Fma or PtxOpcode.Mad => &LaneOps.Ternary<T, T, T, Fma>,
            PtxOpcode.Abs => &LaneOps.Unary<T, T, Abs>,
            PtxOpcode.Neg => &LaneOps.Unary<T, T, Neg>,
            PtxOpcode.Min when !operation.NaN && !operation.Has("abs") => &LaneOps.Binary<T, T, Min>,
            PtxOpcode.Max when !operation.NaN && !operation.Has("abs") => &LaneOps.Binary<T, T, Max>,
            PtxOpcode.Sqrt => &LaneOps.Unary<T, T, Sqrt>,
            PtxOpcode.Rcp when !operation.Approx => &LaneOps.Unary<T, T, Rcp>,
            PtxOpcode.Copysign => &LaneOps.Binary<T, T, CopySign>,
            _ => null,
        };
    }

    public static Handler FindCompare(PtxCompare compare) => compare switch
    {
        PtxCompare.Eq => &LaneOps.Compare<T, Eq>,
        PtxCompare.Ne => &LaneOps.Compare<T, Ne>,
        PtxCompare.Lt => &LaneOps.Compare<T, Lt>,
        PtxCompare.Le => &LaneOps.Compare<T, Le>,
        PtxCompare.Gt => &LaneOps.Compare<T, Gt>,
        PtxCompare.Ge => &LaneOps.Compare<T, Ge>,
        PtxCompare.Equ => &LaneOps.Compare<T, Equ>,
        PtxCompare.Neu => &LaneOps.Compare<T, Neu>,
        PtxCompare.Ltu => &LaneOps.Compare<T, Ltu>,
        PtxCompare.Leu => &LaneOps.Compare<T, Leu>,
        PtxCompare.Gtu => &LaneOps.Compare<T, Gtu>,
        PtxCompare.Geu => &LaneOps.Compare<T, Geu>,
        PtxCompare.Num => &LaneOps.Compare<T, Num>,
        PtxCompare.Nan => &LaneOps.Compare<T, NaN>,
        _ => null,
    };

    private readonly struct Add : IBinary<T, T> { public static T Do(T a, T b) => a + b; }

    private readonly struct Sub : IBinary<T, T> { public static T Do(T a, T b) => a - b; }

    private readonly struct Mul : IBinary<T, T> { public static T Do(T a, T b) => a * b; }

    private readonly struct Div : IBinary<T, T> { public static T Do(T a, T b) => a / b; }

    private readonly struct Fma : ITernary<T, T, T> { public static T Do(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c); }

    private readonly struct Abs : IUnary<T, T> { public static T Do(T a) => T.Abs(a); }

    private readonly struct Neg : IUnary<T, T> { public static T Do(T a) => -a; }

    private readonly struct Min : IBinary<T, T> { public static T Do(T a, T b) => T.MinNumber(a, b); }

    private readonly struct Max : IBinary<T, T> { public static T Do(T a, T b) => T.MaxNumber(a, b); }

    private readonly struct Sqrt : IUnary<T, T> { public static T Do(T a) => T.Sqrt(a); }

    private readonly struct Rcp : IUnary<T, T> { public static T Do(T a) => T.One / a; }

    // PTX puts the sign first: copysign d, a, b gives b the sign of a.
    private readonly struct CopySign : IBinary<T, T> { public static T Do(T a, T b) => T.CopySign(b, a); }

    private readonly struct Eq : ICompare<T> { public static bool Do(T a, T b) => a == b; }

    private readonly struct Ne : ICompare<T> { public static bool Do(T a, T b) => a < b || a > b; }

    private readonly struct Lt : ICompare<T> { public static bool Do(T a, T b) => a < b; }

    private readonly struct Le : ICompare<T> { public static bool Do(T a, T b) => a <= b; }

    private readonly struct Gt : ICompare<T> { public static bool Do(T a, T b) => a > b; }

    private readonly struct Ge : ICompare<T> { public static bool Do(T a, T b) => a >= b; }

    private readonly struct Equ : ICompare<T> { public static bool Do(T a, T b) => !(a < b || a > b); }

    private readonly struct Neu : ICompare<T> { public static bool Do(T a, T b) => a != b; }

    private readonly struct Ltu : ICompare<T> { public static bool Do(T a, T b) => !(a >= b); }

    private readonly struct Leu : ICompare<T> { public static bool Do(T a, T b) => !(a > b); }

    private readonly struct Gtu : ICompare<T> { public static bool Do(T a, T b) => !(a <= b); }

    private readonly struct Geu : ICompare<T> { public static bool Do(T a, T b) => !(a < b); }

    private readonly struct Num : ICompare<T> { public static bool Do(T a, T b) => !T.IsNaN(a) && !T.IsNaN(b); }

    private readonly struct NaN : ICompare<T> { public static bool Do(T a, T b) => T.IsNaN(a) || T.IsNaN(b); }
}
