namespace MmKernels.Dialect;

/// <summary>
/// Functions that no instruction has, built from f32 operations that round alike on every device: the same bits everywhere. Polynomials are near-minimax fits
/// computed to 40 digits. Errors were measured against double precision over a dense grid of arguments.
/// </summary>
public static partial class XMath
{
    private const float Log2E = 1.4426950216f;
    private const float Ln2High = 0.693359375f;             // 355/512: products with integers below 2^14 are exact
    private const float Ln2Low = -2.1219444e-4f;
    private const float TwoOverPi = 0.63661975f;
    private const float HalfPi = 1.5707964f;
    private const float HalfPiMiddle = -4.3711388e-8f;      // π/2 - HalfPi
    private const float HalfPiLow = -1.7151245e-15f;

    /// <summary>e^x within 1 ulp; 2 ulp of the smallest normal number where the result is subnormal.</summary>
    public static float Exp(float x)
    {
        x = x > 89f ? 89f : x;
        x = x < -104f ? -104f : x;
        float n = Round(x * Log2E);
        float r = Fma(n, -Ln2High, x);
        r = Fma(n, -Ln2Low, r);
        float p = Fma(r, 1.9891103e-4f, 1.3933751e-3f);
        p = Fma(r, p, 8.33331e-3f);
        p = Fma(r, p, 4.1666463e-2f);
        p = Fma(r, p, 1.6666667e-1f);
        p = Fma(r, p, 0.5f);
        p = Fma(r * r, p, r) + 1f;
        return Scale(p, (int)n);
    }

    /// <summary>x · 2^n in two steps, so that neither factor overflows.</summary>
    private static float Scale(float x, int n)
    {
        int half = n >> 1;
        return x * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    /// <summary>2^n for -126 ≤ n ≤ 127.</summary>
    private static float PowerOfTwo(int n) => Interop.IntAsFloat((n + 127) << 23);

    /// <summary>The natural logarithm within 2 ulp; NaN below 0, -∞ at 0.</summary>
    public static float Log(float x)
    {
        bool isTiny = x < 1.1754944e-38f;
        float scaled = isTiny ? x * 8388608f : x;
        int bits = Interop.FloatAsInt(scaled);
        int exponent = (bits - 0x3F3504F3) >> 23;            // so that the fraction is in [√½, √2)
        float e = exponent - (isTiny ? 23 : 0);
        float f = Interop.IntAsFloat(bits - (exponent << 23)) - 1f;
        float s = f / (2f + f);
        float z = s * s;
        float q = Fma(z, 2.3331353e-1f, 2.8550789e-1f);
        q = Fma(z, q, 4.0000123e-1f);
        q = Fma(z, q, 6.6666669e-1f);
        float half = 0.5f * f * f;
        float fraction = f - (half - Fma(s, Fma(z, q, half), e * Ln2Low));
        float result = Fma(e, Ln2High, fraction);
        result = x == 0f ? float.NegativeInfinity : result;
        result = x == float.PositiveInfinity ? x : result;
        return x < 0f || IsNaN(x) ? float.NaN : result;
    }

    /// <summary>x^y; the relative error is up to (2 + |y·ln x|) · 2^-23, as of an exponential of a rounded product. Negative x needs a whole y.</summary>
    public static float Pow(float x, float y)
    {
        float magnitude = Exp(y * Log(Abs(x)));
        bool isWhole = Round(y) == y;
        bool isOdd = isWhole && Abs(y) < 16777216f && ((int)y & 1) != 0;
        float result = x < 0f && isOdd ? -magnitude : magnitude;
        result = x < 0f && !isWhole ? float.NaN : result;
        result = x == 0f ? (y > 0f ? 0f : float.PositiveInfinity) : result;
        return y == 0f || x == 1f ? 1f : result;
    }

    /// <summary>sin(x), x in radians with |x| ≤ 1e5: absolute error below 1.2e-7.</summary>
    public static float Sin(float x)
    {
        SinCos(x, out float sin, out _);
        return sin;
    }

    /// <summary>cos(x), x in radians with |x| ≤ 1e5: absolute error below 1.2e-7.</summary>
    public static float Cos(float x)
    {
        SinCos(x, out _, out float cos);
        return cos;
    }

    /// <summary>sin(x) and cos(x), x in radians with |x| ≤ 1e5: absolute errors below 1.2e-7.</summary>
    public static void SinCos(float x, out float sin, out float cos)
    {
        float turns = Round(x * TwoOverPi);
        float r = Reduce(x, turns);
        float z = r * r;
        float p = Fma(z, 2.724985e-6f, -1.9840086e-4f);
        p = Fma(z, p, 8.333332e-3f);
        p = Fma(z, p, -1.6666667e-1f);
        float sine = Fma(r * z, p, r);
        float q = Fma(z, -2.7300897e-7f, 2.48006e-5f);
        q = Fma(z, q, -1.3888888e-3f);
        q = Fma(z, q, 4.1666668e-2f);
        float cosine = Fma(z * z, q, Fma(z, -0.5f, 1f));

        int quadrant = (int)turns;
        bool swap = (quadrant & 1) != 0;
        float a = swap ? cosine : sine;
        float b = swap ? sine : cosine;
        sin = (quadrant & 2) != 0 ? -a : a;
        cos = ((quadrant + 1) & 2) != 0 ? -b : b;
    }

    /// <summary>x - turns·π/2, in three steps; the first is exact, as both are multiples of 2^-23 and close to each other.</summary>
    private static float Reduce(float x, float turns)
    {
        float r = Fma(turns, -HalfPi, x);
        r = Fma(turns, -HalfPiMiddle, r);
        return Fma(turns, -HalfPiLow, r);
    }

    /// <summary>tanh(x) within 3 ulp.</summary>
    public static float Tanh(float x)
    {
        float a = Abs(x);
        float z = x * x;
        float p = Fma(z, -6.2685465e-3f, 2.1110596e-2f);
        p = Fma(z, p, -5.3873878e-2f);
        p = Fma(z, p, 1.3332915e-1f);
        p = Fma(z, p, -3.3333331e-1f);
        float small = Fma(x * z, p, x);
        float large = 1f - 2f / (Exp(2f * a) + 1f);
        large = x < 0f ? -large : large;
        return a < 0.6f ? small : large;
    }

    /// <summary>The error function within 2 ulp.</summary>
    public static float Erf(float x)
    {
        float a = Abs(x);
        float z = x * x;
        float p = Fma(z, 8.3343686e-5f, -8.134626e-4f);
        p = Fma(z, p, 5.2003614e-3f);
        p = Fma(z, p, -2.6859149e-2f);
        p = Fma(z, p, 1.1283691e-1f);
        p = Fma(z, p, -3.7612635e-1f);
        p = Fma(z, p, 1.2837923e-1f);
        float small = Fma(x, p, x);                          // 2/√π = 1 + 0.128...

        float t = a > 3.94f ? 3.94f : a;
        float q = Fma(t, -1.6605964e-6f, 4.6493362e-5f);
        q = Fma(t, q, -6.00225e-4f);
        q = Fma(t, q, 4.7743777e-3f);
        q = Fma(t, q, -2.6459415e-2f);
        q = Fma(t, q, 1.1014056e-1f);
        q = Fma(t, q, 6.3176954e-1f);
        q = Fma(t, q, 1.1302618f);
        q = Fma(t, q, -3.259053e-4f);
        float large = 1f - Exp(-q);                          // q fits -ln(1 - erf)
        large = x < 0f ? -large : large;
        return a < 0.92f ? small : IsNaN(x) ? x : large;
    }
}
