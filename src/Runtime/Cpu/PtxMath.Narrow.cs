using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu;

/// <summary>f16, bf16, tf32 and the eight-bit floats: bits to doubles and back.</summary>
internal static partial class PtxMath
{
    /// <summary>The canonical NaN of the packed formats.</summary>
    public const ushort NarrowNaN = 0x7FFF;

    public static float FromBF16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static float FromF16(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>f32 to bf16, nearest even.</summary>
    public static ushort ToBF16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return NarrowNaN;
        return (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    /// <summary>f32 to f16, nearest even.</summary>
    public static ushort ToF16(float value) => float.IsNaN(value) ? NarrowNaN : BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>The value of a float of any type in the low bits of a register.</summary>
    public static double ToDouble(ulong bits, PtxType type) => type switch
    {
        PtxType.F64 => BitConverter.UInt64BitsToDouble(bits),
        PtxType.F16 => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
        PtxType.BF16 => FromBF16((ushort)bits),
        PtxType.TF32 => BitConverter.UInt32BitsToSingle((uint)bits & 0xFFFFE000),
        PtxType.E4M3 => FromEight((byte)bits, 4, 7),
        PtxType.E5M2 => (double)BitConverter.UInt16BitsToHalf((ushort)(bits << 8)),
        _ => BitConverter.UInt32BitsToSingle((uint)bits),
    };

    /// <summary>A value rounded to a float type, as bits; value should carry its inexactness by <see cref="ToOdd"/>.</summary>
    public static ulong FromDouble(double value, PtxType type, PtxRounding rounding)
    {
        switch (type)
        {
            case PtxType.F64: return BitConverter.DoubleToUInt64Bits(value);
            case PtxType.F16:
                return double.IsNaN(value) ? NarrowNaN : BitConverter.HalfToUInt16Bits((Half)Round(value, Format.F16, rounding));
            case PtxType.BF16:
                return double.IsNaN(value) ? NarrowNaN : BitConverter.SingleToUInt32Bits((float)Round(value, Format.BF16, rounding)) >> 16;
            case PtxType.TF32:
                return double.IsNaN(value) ? 0x7FFFFFFF : BitConverter.SingleToUInt32Bits((float)Round(value, Format.TF32, rounding));
            default:
                return double.IsNaN(value) ? 0x7FFFFFFF : BitConverter.SingleToUInt32Bits(rounding is PtxRounding.None or PtxRounding.Rn ? (float)value : Direct(value, 0, rounding));
        }
    }

    /// <summary>A value to e4m3 or e5m2, nearest even; out of range becomes the greatest number.</summary>
    public static byte ToEight(double value, PtxType type)
    {
        bool e4m3 = type is PtxType.E4M3 or PtxType.E4M3x2;
        if (double.IsNaN(value)) return 0x7F;
        Format format = e4m3 ? new Format(4, -6, 8) : new Format(3, -14, 15);
        double max = e4m3 ? 448 : 57344;
        double rounded = Round(value, format, PtxRounding.Rn);
        rounded = Math.Clamp(rounded, -max, max);
        if (!e4m3) return (byte)(BitConverter.HalfToUInt16Bits((Half)rounded) >> 8);
        // e4m3 is a half with one exponent bit less and seven mantissa bits less: scaled by 2^-8 the fields line up.
        ushort half = BitConverter.HalfToUInt16Bits((Half)Math.ScaleB(rounded, -8));
        return (byte)(half >> 8 & 0x80 | half >> 7 & 0x7F);
    }

    private static double FromEight(byte bits, int exponentBits, int bias)
    {
        int mantissaBits = 7 - exponentBits;
        int exponent = bits >> mantissaBits & (1 << exponentBits) - 1, mantissa = bits & (1 << mantissaBits) - 1;
        if ((bits & 0x7F) == 0x7F) return double.NaN;
        double magnitude = exponent == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }
}
