using System.Numerics;
using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Integer instructions of one element type.</summary>
internal static unsafe class IntegerOps<T> where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    /// <summary>The handler of an instruction, or null where the type has none.</summary>
    public static Handler Find(PtxOperation operation) => operation.Opcode switch
    {
        PtxOpcode.Add when operation.Sat => &LaneOps.Binary<T, T, AddSat>,
        PtxOpcode.Sub when operation.Sat => &LaneOps.Binary<T, T, SubSat>,
        PtxOpcode.Add => &LaneOps.Binary<T, T, Add>,
        PtxOpcode.Sub => &LaneOps.Binary<T, T, Sub>,
        PtxOpcode.Mul when operation.Product == PtxProduct.Lo => &LaneOps.Binary<T, T, MulLo>,
        PtxOpcode.Mul when operation.Product == PtxProduct.Hi => &LaneOps.Binary<T, T, MulHi>,
        PtxOpcode.Mad when operation.Product == PtxProduct.Lo => &LaneOps.Ternary<T, T, T, MadLo>,
        PtxOpcode.Mad when operation.Product == PtxProduct.Hi && operation.Sat => &LaneOps.Ternary<T, T, T, MadHiSat>,
        PtxOpcode.Mad when operation.Product == PtxProduct.Hi => &LaneOps.Ternary<T, T, T, MadHi>,
        PtxOpcode.Div => &LaneOps.Binary<T, T, Div>,
        PtxOpcode.Rem => &LaneOps.Binary<T, T, Rem>,
        PtxOpcode.Abs => &LaneOps.Unary<T, T, Abs>,
        PtxOpcode.Neg => &LaneOps.Unary<T, T, Neg>,
        PtxOpcode.Min => &LaneOps.Binary<T, T, Min>,
        PtxOpcode.Max => &LaneOps.Binary<T, T, Max>,
        PtxOpcode.Sad => &LaneOps.Ternary<T, T, T, Sad>,
        PtxOpcode.And => &LaneOps.Binary<T, T, And>,
        PtxOpcode.Or => &LaneOps.Binary<T, T, Or>,
        PtxOpcode.Xor => &LaneOps.Binary<T, T, Xor>,
        PtxOpcode.Not => &LaneOps.Unary<T, T, Not>,
        PtxOpcode.Cnot => &LaneOps.Unary<T, T, Cnot>,
        PtxOpcode.Shl => &Shift<Left>,
        PtxOpcode.Shr => &Shift<Right>,
        PtxOpcode.Popc => &LaneOps.Unary<T, uint, Popc>,
        PtxOpcode.Clz => &LaneOps.Unary<T, uint, Clz>,
        PtxOpcode.Brev => &LaneOps.Unary<T, T, Brev>,
        PtxOpcode.Bfind when operation.Has("shiftamt") => &LaneOps.Unary<T, uint, BfindShift>,
        PtxOpcode.Bfind => &LaneOps.Unary<T, uint, Bfind>,
        _ => null,
    };

    /// <summary>The handler of setp, or null.</summary>
    public static Handler FindCompare(PtxCompare compare) => compare switch
    {
        PtxCompare.Eq => &LaneOps.Compare<T, Eq>,
        PtxCompare.Ne => &LaneOps.Compare<T, Ne>,
        PtxCompare.Lt or PtxCompare.Lo => &LaneOps.Compare<T, Lt>,
        PtxCompare.Le or PtxCompare.Ls => &LaneOps.Compare<T, Le>,
        PtxCompare.Gt or PtxCompare.Hi => &LaneOps.Compare<T, Gt>,
        PtxCompare.Ge or PtxCompare.Hs => &LaneOps.Compare<T, Ge>,
        _ => null,
    };

    private static int Width => sizeof(T) * 8;

    private readonly struct Add : IBinary<T, T> { public static T Do(T a, T b) => unchecked(a + b); }

    private readonly struct Sub : IBinary<T, T> { public static T Do(T a, T b) => unchecked(a - b); }

    private readonly struct AddSat : IBinary<T, T> { public static T Do(T a, T b) => T.CreateSaturating(Int128.CreateChecked(a) + Int128.CreateChecked(b)); }

    private readonly struct SubSat : IBinary<T, T> { public static T Do(T a, T b) => T.CreateSaturating(Int128.CreateChecked(a) - Int128.CreateChecked(b)); }

    private readonly struct MulLo : IBinary<T, T> { public static T Do(T a, T b) => unchecked(a * b); }

    private readonly struct MulHi : IBinary<T, T> { public static T Do(T a, T b) => High(a, b); }

    private readonly struct MadLo : ITernary<T, T, T> { public static T Do(T a, T b, T c) => unchecked(a * b + c); }

    private readonly struct MadHi : ITernary<T, T, T> { public static T Do(T a, T b, T c) => unchecked(High(a, b) + c); }

    private readonly struct MadHiSat : ITernary<T, T, T>
    {
        public static T Do(T a, T b, T c) => T.CreateSaturating(Int128.CreateChecked(High(a, b)) + Int128.CreateChecked(c));
    }

    // PTX leaves division by zero undefined; GPUs give all ones, and the dividend as remainder.
    private readonly struct Div : IBinary<T, T>
    {
        public static T Do(T a, T b) => b == T.Zero ? T.AllBitsSet : T.MinValue < T.Zero && b == T.AllBitsSet ? unchecked(T.Zero - a) : a / b;
    }

    private readonly struct Rem : IBinary<T, T>
    {
        public static T Do(T a, T b) => b == T.Zero ? a : T.MinValue < T.Zero && b == T.AllBitsSet ? T.Zero : a % b;
    }

    private readonly struct Abs : IUnary<T, T> { public static T Do(T a) => a < T.Zero ? unchecked(T.Zero - a) : a; }

    private readonly struct Neg : IUnary<T, T> { public static T Do(T a) => unchecked(T.Zero - a); }

    private readonly struct Min : IBinary<T, T> { public static T Do(T a, T b) => a < b ? a : b; }

    private readonly struct Max : IBinary<T, T> { public static T Do(T a, T b) => a > b ? a : b; }

    private readonly struct Sad : ITernary<T, T, T> { public static T Do(T a, T b, T c) => unchecked(c + (a < b ? b - a : a - b)); }

    private readonly struct And : IBinary<T, T> { public static T Do(T a, T b) => a & b; }

    private readonly struct Or : IBinary<T, T> { public static T Do(T a, T b) => a | b; }

    private readonly struct Xor : IBinary<T, T> { public static T Do(T a, T b) => a ^ b; }

    private readonly struct Not : IUnary<T, T> { public static T Do(T a) => ~a; }

    private readonly struct Cnot : IUnary<T, T> { public static T Do(T a) => a == T.Zero ? T.One : T.Zero; }

    private readonly struct Popc : IUnary<T, uint> { public static uint Do(T a) => uint.CreateTruncating(T.PopCount(a)); }

    private readonly struct Clz : IUnary<T, uint> { public static uint Do(T a) => uint.CreateTruncating(T.LeadingZeroCount(a)); }

    private readonly struct Brev : IUnary<T, T>
    {
        public static T Do(T a)
        {
            T reversed = T.Zero;
            for (int i = 0; i < Width; i++) reversed = reversed << 1 | (a >>> i & T.One);
            return reversed;
        }
    }

    private readonly struct Bfind : IUnary<T, uint>
    {
        /// <summary>The most significant bit that differs from the sign; all ones where there is none.</summary>
        public static uint Do(T a)
        {
            if (a < T.Zero) a = ~a;
            return a == T.Zero ? uint.MaxValue : (uint)Width - 1 - uint.CreateTruncating(T.LeadingZeroCount(a));
        }
    }

    private readonly struct BfindShift : IUnary<T, uint>
    {
        public static uint Do(T a) => Bfind.Do(a) is var bit && bit == uint.MaxValue ? bit : (uint)Width - 1 - bit;
    }

    private interface IShift { static abstract T Do(T a, int by); }

    // Amounts beyond the width shift everything out.
    private readonly struct Left : IShift { public static T Do(T a, int by) => by >= Width ? T.Zero : a << by; }

    private readonly struct Right : IShift { public static T Do(T a, int by) => by < Width ? a >> by : a < T.Zero ? T.AllBitsSet : T.Zero; }

    private static void Shift<TOp>(Warp warp, ref Op op, uint mask) where TOp : struct, IShift
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = LaneOps.Bits(TOp.Do(*(T*)(a + lane), (int)Math.Min((uint)b[lane], 64u)));
        }
    }

    private static T High(T a, T b)
    {
        if (typeof(T) == typeof(ulong)) return T.CreateTruncating(Math.BigMul(ulong.CreateTruncating(a), ulong.CreateTruncating(b), out _));
        if (typeof(T) == typeof(long)) return T.CreateTruncating(Math.BigMul(long.CreateTruncating(a), long.CreateTruncating(b), out _));
        return T.CreateTruncating(long.CreateTruncating(a) * long.CreateTruncating(b) >> Width);
    }

    private readonly struct Eq : ICompare<T> { public static bool Do(T a, T b) => a == b; }

    private readonly struct Ne : ICompare<T> { public static bool Do(T a, T b) => a != b; }

    private readonly struct Lt : ICompare<T> { public static bool Do(T a, T b) => a < b; }

    private readonly struct Le : ICompare<T> { public static bool Do(T a, T b) => a <= b; }

    private readonly struct Gt : ICompare<T> { public static bool Do(T a, T b) => a > b; }

    private readonly struct Ge : ICompare<T> { public static bool Do(T a, T b) => a >= b; }
}
