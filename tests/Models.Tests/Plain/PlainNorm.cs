namespace MmKernels.Tests.Plain;

/// <summary>LayerNorm (centred) or RMSNorm of rows.</summary>
internal sealed record PlainNorm(double[] Weight, double[]? Bias, double Epsilon, bool Centred, double Offset)
{
    public double[][] Apply(double[][] rows) => Array.ConvertAll(rows, row => Apply(row));

    /// <summary>A row, with the weights from <paramref name="first"/> on.</summary>
    public double[] Apply(double[] x, int first = 0)
    {
        double mean = Centred ? x.Average() : 0, variance = x.Average(value => (value - mean) * (value - mean));
        var y = new double[x.Length];
        for (int i = 0; i < y.Length; i++) y[i] = (x[i] - mean) / Math.Sqrt(variance + Epsilon) * (Offset + Weight[first + i]) + (Bias?[first + i] ?? 0);
        return y;
    }
}
