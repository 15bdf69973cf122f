namespace MmKernels.Runtime.Cpu;

/// <summary>
/// The approximate f32 instructions, defined so that a scalar and a vector evaluation give the same bits: every step is one correctly
/// rounded operation, in this order. Errors are below those that the PTX ISA allows. NaN in gives NaN out (any payload).
/// The <c>.ftz</c> forms are <c>Flush(F(Flush(x)))</c>.
/// </summary>
internal static partial class PtxMath
{
    /// <summary>1.5 · 2^23: adding it rounds a float to an integer (ties to even) that then sits in the low bits.</summary>
    public const float RoundingMagic = 12582912f;

    // 2^f on [-0.5, 0.5], relative error 2e-7 (Cephes exp2f).
    public const float Ex2C6 = 1.535336188319500e-4f, Ex2C5 = 1.339887440266574e-3f, Ex2C4 = 9.618437357674640e-3f,
        Ex2C3 = 5.550332471162809e-2f, Ex2C2 = 2.402264791363012e-1f, Ex2C1 = 6.931472028550421e-1f;

    // log2(m) = s·(2/ln2)·(1 + s²/3 + s⁴/5 + s⁶/7 + s⁸/9), s = (m - 1) / (m + 1), m in [√½, √2).
    public const float Lg2C0 = 2.885390081777927f, Lg2C1 = 0.961796693925976f, Lg2C2 = 0.577078016355585f, Lg2C3 = 0.412198583111132f, Lg2C4 = 0.320598897975325f;

    // π/2 in three parts, and sin, cos on [-π/4, π/4] (Cephes sinf, cosf).
    public const float TwoOverPi = 0.636619772f, PiHalfHigh = 1.57079637f, PiHalfMiddle = -4.37113883e-8f, PiHalfLow = -1.71512451e-15f;
    public const float SinC3 = -1.6666654611e-1f, SinC5 = 8.3321608736e-3f, SinC7 = -1.9515295891e-4f;
    public const float CosC4 = 4.166664568298827e-2f, CosC6 = -1.388731625493765e-3f, CosC8 = 2.443315711809948e-5f;

    /// <summary>Beyond this the float reduction by π/2 loses its accuracy.</summary>
    public const float TrigonometricLimit = 65536f;

    // tanh(x) = x + x³·p(x²) for |x| < 0.625 (Cephes tanhf).
    public const float TanhC3 = -3.33332819422e-1f, TanhC5 = 1.33314422036e-1f, TanhC7 = -5.37397155531e-2f, TanhC9 = 2.06390887954e-2f, TanhC11 = -5.70498872745e-3f;
    public const float TanhSplit = 0.625f;
    public const float TwoLog2E = 2.885390081777927f;

    /// <summary>Subnormals become zeros of their sign.</summary>
    public static float Flush(float x)
        => (BitConverter.SingleToUInt32Bits(x) & 0x7F800000) == 0 ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x) & 0x80000000) : x;

    /// <summary>ex2.approx: 2^x, subnormal results included.</summary>
    public static float Ex2(float x)
    {
        x = 129f < x ? 129f : x;
        x = -151f > x ? -151f : x;
        float shifted = x + RoundingMagic;
        int whole = BitConverter.SingleToInt32Bits(shifted) - BitConverter.SingleToInt32Bits(RoundingMagic);
        float f = x - (shifted - RoundingMagic);
        float p = MathF.FusedMultiplyAdd(Ex2C6, f, Ex2C5);
        p = MathF.FusedMultiplyAdd(p, f, Ex2C4);
        p = MathF.FusedMultiplyAdd(p, f, Ex2C3);
        p = MathF.FusedMultiplyAdd(p, f, Ex2C2);
        p = MathF.FusedMultiplyAdd(p, f, Ex2C1);
        p = MathF.FusedMultiplyAdd(p, f, 1f);
        // Two factors, because 2^129 and 2^-151 are no floats; only the second product can round.
        int half = whole >> 1;
        float first = BitConverter.Int32BitsToSingle((half + 127) << 23), second = BitConverter.Int32BitsToSingle((whole - half + 127) << 23);
        return p * first * second;
    }

    /// <summary>lg2.approx: log2(x); -∞ for zero, NaN below.</summary>
    public static float Lg2(float x)
    {
        bool tiny = x < 1.17549435e-38f;
        float y = tiny ? x * 8388608f : x;
        int bits = BitConverter.SingleToInt32Bits(y) - 0x3F3504F3;      // √½
        int exponent = bits >> 23;
        float m = BitConverter.Int32BitsToSingle((bits & 0x007FFFFF) + 0x3F3504F3);
        float s = (m - 1f) / (m + 1f);
        float z = s * s;
        float p = MathF.FusedMultiplyAdd(Lg2C4, z, Lg2C3);
        p = MathF.FusedMultiplyAdd(p, z, Lg2C2);
        p = MathF.FusedMultiplyAdd(p, z, Lg2C1);
        p = MathF.FusedMultiplyAdd(p, z, Lg2C0);
        float whole = (float)exponent - (tiny ? 23f : 0f);
        float result = MathF.FusedMultiplyAdd(p, s, whole);
        result = x == 0f ? float.NegativeInfinity : result;
        result = x < float.PositiveInfinity ? result : x;
        return x < 0f ? float.NaN : result;
    }

    /// <summary>sin.approx.</summary>
    public static float Sin(float x) => MathF.Abs(x) <= TrigonometricLimit ? SinCos(x, 0) : (float)Math.Sin(x);

    /// <summary>cos.approx.</summary>
    public static float Cos(float x) => MathF.Abs(x) <= TrigonometricLimit ? SinCos(x, 1) : (float)Math.Cos(x);

    private static float SinCos(float x, int quarter)
    {
        float shifted = MathF.FusedMultiplyAdd(x, TwoOverPi, RoundingMagic);
        float n = shifted - RoundingMagic;
        int quadrant = BitConverter.SingleToInt32Bits(shifted) + quarter;
        float r = MathF.FusedMultiplyAdd(n, -PiHalfHigh, x);
        r = MathF.FusedMultiplyAdd(n, -PiHalfMiddle, r);
        r = MathF.FusedMultiplyAdd(n, -PiHalfLow, r);
        float z = r * r;
        float s = MathF.FusedMultiplyAdd(SinC7, z, SinC5);
        s = MathF.FusedMultiplyAdd(s, z, SinC3);
        s = z == 0f ? r : MathF.FusedMultiplyAdd(s * z, r, r);     // keeps the sign of zero
        float c = MathF.FusedMultiplyAdd(CosC8, z, CosC6);
        c = MathF.FusedMultiplyAdd(c, z, CosC4);
        c = MathF.FusedMultiplyAdd(c, z, -0.5f);
        c = MathF.FusedMultiplyAdd(c, z, 1f);
        float result = (quadrant & 1) != 0 ? c : s;
        int sign = (quadrant & 2) << 30;
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(result) ^ sign);
    }

    /// <summary>tanh.approx.</summary>
    public static float Tanh(float x)
    {
        float z = x * x;
        float p = MathF.FusedMultiplyAdd(TanhC11, z, TanhC9);
        p = MathF.FusedMultiplyAdd(p, z, TanhC7);
        p = MathF.FusedMultiplyAdd(p, z, TanhC5);
        p = MathF.FusedMultiplyAdd(p, z, TanhC3);
        float near = MathF.FusedMultiplyAdd(p * z, x, x);
        float magnitude = MathF.Abs(x);
        float far = 1f - 2f / (Ex2(magnitude * TwoLog2E) + 1f);
        far = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(far) | (BitConverter.SingleToInt32Bits(x) & int.MinValue));
        return magnitude < TanhSplit ? near : far;
    }

    /// <summary>rsqrt.approx: two correctly rounded steps.</summary>
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>rcp.approx and rcp.rn: correctly rounded.</summary>
    public static float Rcp(float x) => 1f / x;
}
