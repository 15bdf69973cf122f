namespace MmKernels.Kernels.Maths;

/// <summary>
/// Functions of kernels beyond what the hardware has, from f32 operations that round alike on every device. Polynomials are interpolations at Chebyshev
/// nodes, computed to 40 digits. Errors are of the formula as evaluated; NaN gives NaN.
/// </summary>
public static class KernelMath
{
    /// <summary>1 / (1 + e^-x) within 4 ulp.</summary>
    public static float Sigmoid(float x) => 1f / (1f + XMath.Exp(-x));

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
        float tail = t > 14f ? 0f : XMath.Exp(-0.5f * s) * XMath.Fma(-0.5f, lost, 1f) * (u * q);
        float outside = x > 0f ? 1f - tail : tail;

        return t > 1.3f ? outside : centre;
    }
}
