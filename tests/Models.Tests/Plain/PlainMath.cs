namespace MmKernels.Tests.Plain;

/// <summary>Rows of doubles, plainly.</summary>
internal static class PlainMath
{
    public static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => p + q).ToArray())];

    public static double[][] Multiply(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => p * q).ToArray())];

    public static double[][] Map(double[][] a, Func<double, double> f) => Array.ConvertAll(a, row => Array.ConvertAll(row, value => f(value)));

    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    public static double Relu(double x) => Math.Max(0, x);

    public static double SquaredRelu(double x) => Relu(x) * Relu(x);

    public static double QuickGelu(double x) => x / (1 + Math.Exp(-1.702 * x));

    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    /// <summary>x/2 · (1 + erf(x / √2)), by erf's series, which converges everywhere that activations are.</summary>
    public static double Gelu(double x)
    {
        double t = x / Math.Sqrt(2), term = t, sum = t;
        if (Math.Abs(t) > 5) return Math.Max(0, x);
        for (int n = 1; n < 200; n++)
        {
            term *= -t * t / n;
            sum += term / (2 * n + 1);
        }
        return 0.5 * x * (1 + 2 / Math.Sqrt(Math.PI) * sum);
    }

    /// <summary>Attention: query i of head h sees the keys for which <paramref name="score"/> of (score, h, i, j) is a number.</summary>
    public static double[][] Attend(double[][] q, double[][] k, double[][] v, int heads, int kvHeads, double scale, Func<double, int, int, int, double> score)
    {
        int dim = q[0].Length / heads;
        var y = new double[q.Length][];
        for (int i = 0; i < q.Length; i++)
        {
            y[i] = new double[q[i].Length];
            for (int h = 0; h < heads; h++)
            {
                int from = h / (heads / kvHeads) * dim;
                var p = new double[k.Length];
                for (int j = 0; j < k.Length; j++)
                {
                    double dot = 0;
                    for (int d = 0; d < dim; d++) dot += q[i][h * dim + d] * k[j][from + d];
                    p[j] = score(dot * scale, h, i, j);
                }
                double max = p.Where(value => !double.IsNaN(value)).Max(), sum = 0;
                for (int j = 0; j < p.Length; j++) sum += p[j] = double.IsNaN(p[j]) ? 0 : Math.Exp(p[j] - max);
                for (int j = 0; j < p.Length; j++)
                    for (int d = 0; d < dim; d++) y[i][h * dim + d] += p[j] / sum * v[j][from + d];
            }
        }
        return y;
    }
}
