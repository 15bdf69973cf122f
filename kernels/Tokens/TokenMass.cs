namespace MmKernels.Kernels;

/// <summary>
/// Probabilities as whole numbers: e^x, x ≤ 0, in units of 2^-40. Sums of them do not depend on any order, and their arithmetic is rounded alike everywhere,
/// so that sampling chooses the same token on every device. A vocabulary of 2^18 tokens loses at most 2^-22 of its mass to the rounding.
/// </summary>
public static class TokenMass
{
    private const int Bits = 40;
    private const float Log2E = 1.442695f;
    private const float Ln2High = 0.693359375f;      // few bits, so that its product with a small whole number is exact
    private const float Ln2Low = -2.1219444e-4f;     // ln 2 - Ln2High

    /// <summary>The mass of the largest score.</summary>
    public const long One = 1L << Bits;

    /// <summary>The mass of a score beside the largest one, at a temperature; 0 from 28.5 below on.</summary>
    public static long Of(float score, float largest, float temperature)
        => Exp(score == largest ? 0f : (score - largest) / temperature);   // infinities are equal to themselves

    /// <summary>e^x · 2^40, truncated, with a relative error below 2e-7.</summary>
    private static long Exp(float x)
    {
        x = x > -28.5f ? x : -28.5f;
        float n = XMath.Round(x * Log2E);
        float r = XMath.Fma(n, -Ln2Low, XMath.Fma(n, -Ln2High, x));   // |r| ≤ ln 2 / 2
        float p = XMath.Fma(r, 1f / 5040f, 1f / 720f);
        p = XMath.Fma(r, p, 1f / 120f);
        p = XMath.Fma(r, p, 1f / 24f);
        p = XMath.Fma(r, p, 1f / 6f);
        p = XMath.Fma(r, p, 0.5f);
        p = XMath.Fma(r, p, 1f);
        p = XMath.Fma(r, p, 1f);
        return ((long)(int)(p * (1 << 30)) << (Bits - 30)) >> -(int)n;
    }

    /// <summary>A share of a mass, rounded up; at least 1.</summary>
    public static long Share(long mass, float share)
    {
        double exact = (double)mass * share;
        long whole = (long)exact;
        if (whole < exact) whole++;
        return whole > 1 ? whole : 1;
    }

    /// <summary>mass · random / 2^64, rounded down: evenly spread over 0 .. mass - 1, each number's share off by at most 2^-64.</summary>
    public static long Scale(long mass, ulong random)
    {
        ulong m = (ulong)mass, low = (uint)random, high = random >> 32, mLow = (uint)m, mHigh = m >> 32;
        ulong middle = high * mLow + ((low * mLow) >> 32);
        ulong other = low * mHigh + (uint)middle;
        return (long)(high * mHigh + (middle >> 32) + (other >> 32));
    }
}
