namespace MmKernels.Kernels.Maths;

/// <summary>Functions in double precision that .NET does not have, for references.</summary>
public static class ReferenceMath
{
    /// <summary>The normal distribution's Φ(x), to about 1e-15 relative.</summary>
    public static double NormalCdf(double x)
    {
        if (double.IsNaN(x)) return x;
        double density = Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        double t = Math.Abs(x);
        if (t < 3)
        {
            // Φ(t) = 1/2 + φ(t) (t + t³/3 + t⁵/(3·5) + ...)
            double sum = 0, term = t;
            for (int k = 1; term > 1e-20; k++)
            {
                sum += term;
                term *= t * t / (2 * k + 1);
            }
            return x < 0 ? Math.Max(0, 0.5 - density * sum) : 0.5 + density * sum;
        }
        // Φ(-t) = φ(t) / (t + 1/(t + 2/(t + 3/(t + ...))))
        double fraction = t;
        for (int k = 120; k > 0; k--) fraction = t + k / fraction;
        return x < 0 ? density / fraction : 1 - density / fraction;
    }
}
