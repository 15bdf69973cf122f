namespace MmKernels.Kernels.Maths;

/// <summary>
/// Functions of kernels beyond what the hardware has, from f32 operations that round alike on every device. Polynomials are interpolations at Chebyshev
/// nodes, computed to 40 digits. Errors are of the formula as evaluated; NaN gives NaN.
/// </summary>
public static class KernelMath
{
    private const float Log2E = 1.442695f;
    private const float Log2ELow = 1.9259629e-8f;   // log2(e) - Log2E
    private const float Ln2 = 0.6931472f;

    private const float TwoOverPi = 0.63661975f;
    private const float HalfPi = 1.5707964f;
    private const float HalfPiMiddle = -4.371139e-8f;       // π/2 - HalfPi
    private const float HalfPiLow = -1.7151245e-15f;        // the rest

    /// <summary>e^x within 4 ulp; below -87 it is flushed to 0.</summary>
    public static float Exp(float x)
    {
        x = x > 89f ? 89f : x;
        x = x < -104f ? -104f : x;
        float high = x * Log2E;
        float low = XMath.Fma(x, Log2ELow, XMath.Fma(x, Log2E, -high));   // x·log2(e) - high: what the rounding of `high` lost
        return XMath.Exp2(high) * XMath.Fma(low, Ln2, 1f);
    }

    /// <summary>1 / (1 + e^-x) within 6 ulp.</summary>
    public static float Sigmoid(float x) => 1f / (1f + Exp(-x));

    /// <summary>The normal distribution's Φ(x) = (1 + erf(x/√2)) / 2, relative error below 1e-6 (in the lower tail too, down to 1e-37).</summary>
    public static float NormalCdf(float x)
    {
        float t = XMath.Abs(x);
        float s = x * x;

        // |x| < 1.3: 1/2 + x·P(x²)
        float p = XMath.Fma(s, -6.646799e-6f, 1.1044784e-4f);
        p = XMath.Fma(s, p, -1.1830897e-3f);
        p = XMath.Fma(s, p, 9.971905e-3f);
        p = XMath.Fma(s, p, -6.6490144e-2f);
        p = XMath.Fma(s, p, 3.9894226e-1f);
        float centre = XMath.Fma(x, p, 0.5f);

        // beyond: Φ(-t) = e^(-t²/2) · u·Q(u) with u = 1/(1 + 0.4t); what t² loses by rounding is put back
        float u = 1f / XMath.Fma(0.4f, t, 1f);
        float q = XMath.Fma(u, 7.088147e-2f, -1.9312745e-1f);
        q = XMath.Fma(u, q, 1.1187673e-1f);
        q = XMath.Fma(u, q, 5.2308202e-2f);
        q = XMath.Fma(u, q, 1.3986197e-1f);
        q = XMath.Fma(u, q, 1.5898426e-1f);
        q = XMath.Fma(u, q, 1.5960193e-1f);
        float lost = XMath.Fma(x, x, -s);
        float tail = t > 14f ? 0f : Exp(-0.5f * s) * XMath.Fma(-0.5f, lost, 1f) * (u * q);
        float outside = x > 0f ? 1f - tail : tail;

        return t > 1.3f ? outside : centre;
    }

    /// <summary>sin and cos of an angle in radians with |angle| ≤ 1e5, absolute error below 2e-7.</summary>
    public static void SinCos(float angle, out float sin, out float cos)
    {
        float turns = XMath.Round(angle * TwoOverPi);
        float r = XMath.Fma(turns, -HalfPi, angle);     // exact: both are multiples of 2^-23 and close to each other
        r = XMath.Fma(turns, -HalfPiMiddle, r);
        r = XMath.Fma(turns, -HalfPiLow, r);

        float s = r * r;
        float p = XMath.Fma(s, 2.7234644e-6f, -1.9839966e-4f);
        p = XMath.Fma(s, p, 8.333332e-3f);
        p = XMath.Fma(s, p, -1.6666667e-1f);
        float sine = XMath.Fma(r * s, p, r);
        float q = XMath.Fma(s, -2.7288203e-7f, 2.480050e-5f);
        q = XMath.Fma(s, q, -1.3888888e-3f);
        q = XMath.Fma(s, q, 4.1666668e-2f);
        float cosine = XMath.Fma(s * s, q, XMath.Fma(s, -0.5f, 1f));

        int quadrant = (int)turns;
        bool swap = (quadrant & 1) != 0;
        float a = swap ? cosine : sine;
        float b = swap ? sine : cosine;
        sin = (quadrant & 2) != 0 ? -a : a;
        cos = ((quadrant + 1) & 2) != 0 ? -b : b;
    }
}
