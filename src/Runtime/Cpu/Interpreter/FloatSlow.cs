using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Float instructions with rounding, flushing or saturation, and those of the narrow and packed types: one lane after the other.</summary>
internal static unsafe class FloatSlow
{
    /// <summary>Any float arithmetic of up to three sources.</summary>
    public static void Arithmetic(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        ulong* b = op.B >= 0 ? warp.Row(op.B) : a, c = op.C >= 0 ? warp.Row(op.C) : a;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = operation.Type switch
            {
                PtxType.F32 => Bits(Single(operation, Float(a[lane]), Float(b[lane]), Float(c[lane]))),
                PtxType.F64 => BitConverter.DoubleToUInt64Bits(Double(operation, BitConverter.UInt64BitsToDouble(a[lane]), BitConverter.UInt64BitsToDouble(b[lane]), BitConverter.UInt64BitsToDouble(c[lane]))),
                PtxType.F16x2 or PtxType.BF16x2 => Narrow(operation, a[lane] & 0xFFFF, b[lane] & 0xFFFF, c[lane] & 0xFFFF)
                    | Narrow(operation, a[lane] >> 16 & 0xFFFF, b[lane] >> 16 & 0xFFFF, c[lane] >> 16 & 0xFFFF) << 16,
                _ => Narrow(operation, a[lane] & 0xFFFF, b[lane] & 0xFFFF, c[lane] & 0xFFFF),
            };
        }
    }

    private static float Single(PtxOperation operation, float a, float b, float c)
    {
        if (operation.Ftz) (a, b, c) = (PtxMath.Flush(a), PtxMath.Flush(b), PtxMath.Flush(c));
        PtxRounding rounding = operation.Rounding;
        float result = operation.Opcode switch
        {
            PtxOpcode.Add => PtxMath.Add(a, b, rounding),
            PtxOpcode.Sub => PtxMath.Add(a, -b, rounding),
            PtxOpcode.Mul => PtxMath.Mul(a, b, rounding),
            PtxOpcode.Fma or PtxOpcode.Mad => PtxMath.Fma(a, b, c, rounding),
            PtxOpcode.Div => PtxMath.Div(a, b, rounding),
            PtxOpcode.Rcp => PtxMath.Div(1f, a, rounding),
            PtxOpcode.Sqrt => PtxMath.Sqrt(a, rounding),
            PtxOpcode.Rsqrt => PtxMath.Rsqrt(a),
            PtxOpcode.Ex2 => PtxMath.Ex2(a),
            PtxOpcode.Lg2 => PtxMath.Lg2(a),
            PtxOpcode.Sin => PtxMath.Sin(a),
            PtxOpcode.Cos => PtxMath.Cos(a),
            PtxOpcode.Tanh => PtxMath.Tanh(a),
            PtxOpcode.Abs => MathF.Abs(a),
            PtxOpcode.Neg => -a,
            PtxOpcode.Min when operation.Has("abs") => XorSign(a, b, float.MinNumber(MathF.Abs(a), MathF.Abs(b)), operation.NaN),
            PtxOpcode.Max when operation.Has("abs") => XorSign(a, b, float.MaxNumber(MathF.Abs(a), MathF.Abs(b)), operation.NaN),
            PtxOpcode.Min => operation.NaN ? MathF.Min(a, b) : float.MinNumber(a, b),
            _ => operation.NaN ? MathF.Max(a, b) : float.MaxNumber(a, b),
        };
        if (operation.Ftz) result = PtxMath.Flush(result);
        return operation.Sat ? Saturate(result) : result;
    }

    private static float XorSign(float a, float b, float magnitude, bool nan)
        => nan && (float.IsNaN(a) || float.IsNaN(b)) ? float.NaN : MathF.CopySign(magnitude, float.IsNegative(a) != float.IsNegative(b) ? -1f : 1f);

    private static double Double(PtxOperation operation, double a, double b, double c)
    {
        PtxRounding rounding = operation.Rounding;
        return operation.Opcode switch
        {
            PtxOpcode.Add => PtxMath.Add(a, b, rounding),
            PtxOpcode.Sub => PtxMath.Add(a, -b, rounding),
            PtxOpcode.Mul => PtxMath.Mul(a, b, rounding),
            PtxOpcode.Fma or PtxOpcode.Mad => PtxMath.Fma(a, b, c, rounding),
            PtxOpcode.Div => PtxMath.Div(a, b, rounding),
            PtxOpcode.Rcp when operation.Approx => HighWord(1 / HighWord(a)),
            PtxOpcode.Rcp => PtxMath.Div(1, a, rounding),
            PtxOpcode.Sqrt => PtxMath.Sqrt(a, rounding),
            PtxOpcode.Rsqrt when operation.Ftz => HighWord(1 / Math.Sqrt(HighWord(a))),
            PtxOpcode.Rsqrt => 1 / Math.Sqrt(a),
            PtxOpcode.Min => double.MinNumber(a, b),
            _ => double.MaxNumber(a, b),
        };
    }

    /// <summary>The .ftz f64 approximations read and give only the upper 32 bits; subnormals become zeros.</summary>
    private static double HighWord(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value) & unchecked((long)0xFFFFFFFF00000000);
        if ((bits & 0x7FF0000000000000) == 0) bits &= long.MinValue;
        return BitConverter.Int64BitsToDouble(bits);
    }

    private static ulong Narrow(PtxOperation operation, ulong aBits, ulong bBits, ulong cBits)
    {
        PtxType type = operation.Type is PtxType.F16 or PtxType.F16x2 ? PtxType.F16 : PtxType.BF16;
        if (operation.Opcode == PtxOpcode.Neg) return aBits ^ 0x8000;
        if (operation.Opcode == PtxOpcode.Abs) return aBits & 0x7FFF;
        double a = PtxMath.ToDouble(aBits, type), b = PtxMath.ToDouble(bBits, type), c = PtxMath.ToDouble(cBits, type);
        if (operation.Ftz) (a, b, c) = (FlushNarrow(a, type), FlushNarrow(b, type), FlushNarrow(c, type));
        double result = operation.Opcode switch
        {
            PtxOpcode.Add => Odd(a, b),
            PtxOpcode.Sub => Odd(a, -b),
            PtxOpcode.Mul => a * b,
            PtxOpcode.Fma => Odd(a * b, c),
            PtxOpcode.Min => operation.NaN ? Math.Min(a, b) : double.MinNumber(a, b),
            PtxOpcode.Max => operation.NaN ? Math.Max(a, b) : double.MaxNumber(a, b),
            PtxOpcode.Ex2 => PtxMath.Ex2((float)a),
            PtxOpcode.Tanh => PtxMath.Tanh((float)a),
            _ => throw new InvalidOperationException($"{operation.Text} has no narrow form"),
        };
        if (operation.Sat) result = result > 0 ? Math.Min(result, 1) : 0;
        if (operation.Relu && !double.IsNaN(result)) result = result > 0 ? result : 0;
        ulong bits = PtxMath.FromDouble(result, type, PtxRounding.Rn);
        return operation.Ftz && (bits & 0x7FFF) < (type == PtxType.F16 ? 0x400u : 0x80u) ? bits & 0x8000 : bits;
    }

    private static double Odd(double a, double b)
    {
        (double sum, double error) = PtxMath.TwoSum(a, b);
        return PtxMath.ToOdd(sum, error);
    }

    private static double FlushNarrow(double value, PtxType type)
        => type == PtxType.F16 && Math.Abs(value) < 6.103515625e-05 ? Math.CopySign(0, value) : value;

    public static float Saturate(float value) => value > 0 ? MathF.Min(value, 1f) : 0f;

    public static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>setp and set on floats of any type, with flushing; packed types compare both halves.</summary>
    public static bool Holds(PtxCompare compare, double a, double b)
    {
        bool unordered = double.IsNaN(a) || double.IsNaN(b);
        return compare switch
        {
            PtxCompare.Eq => a == b,
            PtxCompare.Ne => !unordered && a != b,
            PtxCompare.Lt => a < b,
            PtxCompare.Le => a <= b,
            PtxCompare.Gt => a > b,
            PtxCompare.Ge => a >= b,
            PtxCompare.Equ => unordered || a == b,
            PtxCompare.Neu => unordered || a != b,
            PtxCompare.Ltu => unordered || a < b,
            PtxCompare.Leu => unordered || a <= b,
            PtxCompare.Gtu => unordered || a > b,
            PtxCompare.Geu => unordered || a >= b,
            PtxCompare.Num => !unordered,
            _ => unordered,
        };
    }

    /// <summary>A source of a comparison as a double.</summary>
    public static double Source(ulong bits, PtxType type, bool ftz)
    {
        if (type == PtxType.F32) return ftz ? PtxMath.Flush(Float(bits)) : Float(bits);
        double value = PtxMath.ToDouble(bits, type);
        return ftz ? FlushNarrow(value, type) : value;
    }

    /// <summary>setp on types or modifiers without a fast path; packed types write p for the low and q for the high half.</summary>
    public static void Compare(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        bool packed = operation.Type is PtxType.F16x2 or PtxType.BF16x2;
        PtxType type = operation.Type switch { PtxType.F16x2 => PtxType.F16, PtxType.BF16x2 => PtxType.BF16, var t => t };
        ulong* a = warp.Row(op.A), b = warp.Row(op.B);
        uint low = 0, high = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            if (Holds(operation.Compare, Source(a[lane] & Low(packed), type, operation.Ftz), Source(b[lane] & Low(packed), type, operation.Ftz))) low |= 1u << lane;
            if (packed && Holds(operation.Compare, Source(a[lane] >> 16 & 0xFFFF, type, operation.Ftz), Source(b[lane] >> 16 & 0xFFFF, type, operation.Ftz))) high |= 1u << lane;
        }
        if (!packed)
        {
            LaneOps.WriteCompare(warp, ref op, low, mask);
            return;
        }
        uint with = op.Immediate == 0 ? 0 : warp.Lanes32(op.R);
        uint Combine(uint bits, long how) => how switch { 1 => bits & with, 2 => bits | with, 3 => bits ^ with, _ => bits };
        warp.SetPredicate(op.P, Combine(low, op.Immediate), mask);
        warp.SetPredicate(op.Q, Combine(high, op.Immediate), mask);
    }

    private static ulong Low(bool packed) => packed ? 0xFFFF : ulong.MaxValue;

    public static void Testp(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        ulong* a = warp.Row(op.A);
        uint bits = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            bool is32 = operation.Type == PtxType.F32;
            double value = PtxMath.ToDouble(a[lane], operation.Type);
            bool subnormal = is32 ? float.IsSubnormal(Float(a[lane])) : double.IsSubnormal(value);
            bool holds = operation.Mode switch
            {
                PtxMode.Finite => double.IsFinite(value),
                PtxMode.Infinite => double.IsInfinity(value),
                PtxMode.Number => !double.IsNaN(value),
                PtxMode.NotANumber => double.IsNaN(value),
                PtxMode.Subnormal => subnormal,
                // The ISA's text calls zero normal; the conformance corpus does not, and decides.
                _ => double.IsFinite(value) && !subnormal && value != 0,
            };
            if (holds) bits |= 1u << lane;
        }
        warp.SetPredicate(op.P, bits, mask);
    }
}
