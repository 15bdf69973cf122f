using System.Numerics;
using MmKernels.Ptx;
using unsafe Handler = delegate*<MmKernels.Runtime.Cpu.Interpreter.Warp, ref MmKernels.Runtime.Cpu.Interpreter.Op, uint, void>;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>cvt.</summary>
internal static unsafe class ConvertOps
{
    /// <summary>A fast handler for the usual conversions, else the general one.</summary>
    public static Handler Find(PtxOperation operation, ref Op op)
    {
        if (operation.Types.Length < 2) return &General;
        (PtxType to, PtxType from) = (operation.Types[0], operation.Types[1]);
        if (!operation.Ftz && !operation.Sat && !operation.Relu)
        {
            if (to.IsInteger() && from.IsInteger())
            {
                op.Immediate = 64 - Math.Min(from.Bits(), to.Bits());
                op.Target = (from.Bits() < to.Bits() ? from : to).IsSigned() ? 1 : 0;
                // An unsigned result in a wider register has zeros above it.
                op.RangeEnd = to.IsSigned() || to.Bits() == 64 ? ulong.MaxValue : (1ul << to.Bits()) - 1;
                return &Extend;
            }
            bool nearest = operation.Rounding is PtxRounding.None or PtxRounding.Rn;
            if (nearest && to == PtxType.F32)
                switch (from)
                {
                    case PtxType.S32: return &LaneOps.Unary<int, float, FromS32>;
                    case PtxType.U32: return &LaneOps.Unary<uint, float, FromU32>;
                    case PtxType.F16: return &LaneOps.Unary<ushort, float, FromF16>;
                    case PtxType.BF16: return &LaneOps.Unary<ushort, float, FromBF16>;
                    case PtxType.F64: return &LaneOps.Unary<double, float, FromF64>;
                }
            if (nearest && from == PtxType.F32)
                switch (to)
                {
                    case PtxType.F16: return &LaneOps.Unary<float, ushort, ToF16>;
                    case PtxType.BF16: return &LaneOps.Unary<float, ushort, ToBF16>;
                    case PtxType.F64: return &LaneOps.Unary<float, double, ToF64>;
                }
        }
        return &General;
    }

    private readonly struct FromS32 : IUnary<int, float> { public static float Do(int a) => a; }

    private readonly struct FromU32 : IUnary<uint, float> { public static float Do(uint a) => a; }

    private readonly struct FromF16 : IUnary<ushort, float> { public static float Do(ushort a) => PtxMath.FromF16(a); }

    private readonly struct FromBF16 : IUnary<ushort, float> { public static float Do(ushort a) => PtxMath.FromBF16(a); }

    private readonly struct FromF64 : IUnary<double, float> { public static float Do(double a) => (float)a; }

    private readonly struct ToF16 : IUnary<float, ushort> { public static ushort Do(float a) => PtxMath.ToF16(a); }

    private readonly struct ToBF16 : IUnary<float, ushort> { public static ushort Do(float a) => PtxMath.ToBF16(a); }

    private readonly struct ToF64 : IUnary<float, double> { public static double Do(float a) => a; }

    /// <summary>Integer to integer: the narrower type's bits, extended by the sign of the type that was narrower.</summary>
    private static void Extend(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        int shift = (int)op.Immediate;
        bool signed = op.Target != 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            ulong v = a[lane] << shift;
            d[lane] = (signed ? (ulong)((long)v >> shift) : v >> shift) & op.RangeEnd;
        }
    }

    private static void General(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        ulong* b = op.B >= 0 ? warp.Row(op.B) : null;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = b == null ? Convert(operation, a[lane]) : Pack(operation, a[lane], b[lane]);
        }
    }

    /// <summary>Two values into one register: the first goes to the upper half.</summary>
    private static ulong Pack(PtxOperation operation, ulong high, ulong low)
    {
        PtxType to = operation.Types[0];
        if (to is PtxType.E4M3x2 or PtxType.E5M2x2) return (ulong)(Eight(operation, high) << 8 | Eight(operation, low));
        PtxType half = to == PtxType.F16x2 ? PtxType.F16 : PtxType.BF16;
        return Float(operation, FloatSlow.Float(high), half) << 16 | Float(operation, FloatSlow.Float(low), half);
    }

    private static int Eight(PtxOperation operation, ulong bits)
    {
        double value = FloatSlow.Float(bits);
        if (operation.Relu && !(value > 0)) value = double.IsNaN(value) ? value : 0;
        return PtxMath.ToEight(value, operation.Types[0]);
    }

    private static ulong Convert(PtxOperation operation, ulong bits)
    {
        (PtxType to, PtxType from) = (operation.Types[0], operation.Types[1]);
        if (to is PtxType.F16x2 or PtxType.BF16x2) return ExpandEight(bits, from);
        if (to is PtxType.E4M3x2 or PtxType.E5M2x2)
            return (ulong)(PtxMath.ToEight(PtxMath.ToDouble(bits >> 16 & 0xFFFF, PtxType.F16), to) << 8 | PtxMath.ToEight(PtxMath.ToDouble(bits & 0xFFFF, PtxType.F16), to));
        if (!from.IsFloat())
        {
            Int128 value = Integer(bits, from);
            return to.IsFloat() ? FromInteger(operation, value, to) : Clamp(value, to, operation.Sat);
        }
        double source = PtxMath.ToDouble(bits, from);
        if (operation.Ftz && from == PtxType.F32) source = PtxMath.Flush((float)source);
        return to.IsFloat() ? Float(operation, source, to) : ToInteger(operation, source, from, to);
    }

    private static ulong ExpandEight(ulong bits, PtxType from)
    {
        PtxType one = from == PtxType.E4M3x2 ? PtxType.E4M3 : PtxType.E5M2;
        return PtxMath.FromDouble(PtxMath.ToDouble(bits >> 8 & 0xFF, one), PtxType.F16, PtxRounding.Rn) << 16 | PtxMath.FromDouble(PtxMath.ToDouble(bits & 0xFF, one), PtxType.F16, PtxRounding.Rn);
    }

    private static Int128 Integer(ulong bits, PtxType type)
    {
        int shift = 64 - type.Bits();
        return type.IsSigned() ? (long)(bits << shift) >> shift : bits << shift >> shift;
    }

    private static ulong Clamp(Int128 value, PtxType to, bool saturate)
    {
        if (saturate)
        {
            Int128 one = 1, most = to.IsSigned() ? (one << to.Bits() - 1) - 1 : (one << to.Bits()) - 1, least = to.IsSigned() ? -(one << to.Bits() - 1) : 0;
            value = Int128.Clamp(value, least, most);
        }
        ulong bits = (ulong)(value & ulong.MaxValue);
        int shift = 64 - to.Bits();
        return to.IsSigned() ? (ulong)((long)(bits << shift) >> shift) : bits << shift >> shift;
    }

    private static ulong FromInteger(PtxOperation operation, Int128 value, PtxType to)
    {
        double nearest = (double)value;
        double error = (double)(value - (Int128)nearest);
        if (operation.Sat) nearest = Math.Clamp(nearest, 0, 1);
        if (to == PtxType.F32) return FloatSlow.Bits(PtxMath.Direct(nearest, error, operation.Rounding));
        if (to != PtxType.F64) return PtxMath.FromDouble(PtxMath.ToOdd(nearest, error), to, operation.Rounding);
        PtxRounding rounding = operation.Rounding == PtxRounding.Rz ? nearest > 0 ? PtxRounding.Rm : PtxRounding.Rp : operation.Rounding;
        if (rounding == PtxRounding.Rm && error < 0) nearest = Math.BitDecrement(nearest);
        if (rounding == PtxRounding.Rp && error > 0) nearest = Math.BitIncrement(nearest);
        return BitConverter.DoubleToUInt64Bits(nearest);
    }

    private static ulong Float(PtxOperation operation, double value, PtxType to)
    {
        value = operation.Rounding switch
        {
            PtxRounding.Rni => Math.Round(value, MidpointRounding.ToEven),
            PtxRounding.Rzi => Math.Truncate(value),
            PtxRounding.Rmi => Math.Floor(value),
            PtxRounding.Rpi => Math.Ceiling(value),
            _ => value,
        };
        if (operation.Relu && !double.IsNaN(value)) value = value > 0 ? value : 0;
        bool clampToFinite = operation.Has("satfinite");
        if (operation.Sat && !clampToFinite) value = value > 0 ? Math.Min(value, 1) : 0;
        PtxRounding rounding = operation.Rounding is PtxRounding.Rni or PtxRounding.Rzi or PtxRounding.Rmi or PtxRounding.Rpi ? PtxRounding.Rn : operation.Rounding;
        ulong bits = PtxMath.FromDouble(value, to, rounding);
        if (clampToFinite && double.IsInfinity(PtxMath.ToDouble(bits, to))) bits = PtxMath.FromDouble(value, to, PtxRounding.Rz);
        if (operation.Ftz && to == PtxType.F32) bits = FloatSlow.Bits(PtxMath.Flush(FloatSlow.Float(bits)));
        return bits;
    }

    /// <summary>Out of range clamps. NaN gives 0 for at most 32 bits from f32 and f16, the most significant bit alone otherwise.</summary>
    private static ulong ToInteger(PtxOperation operation, double value, PtxType from, PtxType to)
    {
        if (double.IsNaN(value)) return from != PtxType.F64 && to.Bits() <= 32 ? 0 : 1ul << to.Bits() - 1;
        value = operation.Rounding switch
        {
            PtxRounding.Rni => Math.Round(value, MidpointRounding.ToEven),
            PtxRounding.Rmi => Math.Floor(value),
            PtxRounding.Rpi => Math.Ceiling(value),
            _ => Math.Truncate(value),
        };
        return Clamp((Int128)Math.Clamp(value, -1e30, 1e30), to, true);
    }
}
