namespace MmKernels.Tests.Plain;

/// <summary>y = W x + b on rows.</summary>
internal sealed record PlainLinear(double[] Weight, double[]? Bias, int Inputs)
{
    public int Outputs => Weight.Length / Inputs;

    public double[][] Apply(double[][] rows) => Array.ConvertAll(rows, Apply);

    public double[] Apply(double[] x)
    {
        var y = new double[Outputs];
        for (int o = 0; o < y.Length; o++)
        {
            double sum = Bias?[o] ?? 0;
            for (int i = 0; i < Inputs; i++) sum += Weight[o * Inputs + i] * x[i];
            y[o] = sum;
        }
        return y;
    }
}
