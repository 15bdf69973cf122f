using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class NormCases
{
    private const float Epsilon = 1e-5f;

    /// <summary>Around the edges of a warp's step and of a block's rows.</summary>
    private static readonly (int Rows, int Columns)[] Sizes = [(1, 1), (1, 31), (3, 32), (4, 33), (5, 160), (7, 97), (2, 1024)];

    public static IEnumerable<KernelCase> All()
    {
        foreach ((int rows, int columns) in Sizes)
        {
            yield return LayerNorm(DType.F32, DType.F32, rows, columns, 0.5f);
            yield return RmsNorm(DType.F32, DType.F32, rows, columns);
            yield return Softmax(DType.F32, 3, rows, columns);
        }
        foreach ((DType x, DType w) in AllCases.StorageTypes)
        {
            if (x == w && x == DType.F32) continue;
            yield return LayerNorm(x, w, 3, 131, 0f);
            yield return RmsNorm(x, w, 3, 131);
        }
        foreach (int columns in new[] { 1, 31, 33, 500 })
        {
            yield return Reduce("sum", DType.F32, columns, (g, x) => g.Sum(x), row => row.Sum(v => (double)v));
            yield return Reduce("mean", DType.F32, columns, (g, x) => g.Mean(x), row => row.Average(v => (double)v));
            yield return Reduce("max", DType.F32, columns, (g, x) => g.Max(x), row => row.Max());
            yield return Reduce("min", DType.F32, columns, (g, x) => g.Min(x), row => row.Min());
        }
        yield return Reduce("sum", DType.F16, 77, (g, x) => g.Sum(x), row => row.Sum(v => (double)v));
        yield return Reduce("max", DType.BF16, 77, (g, x) => g.Max(x), row => row.Max());
        foreach (int columns in new[] { 1, 32, 33, 255, 256, 257, 1000 })
        {
            yield return PrefixSum(Operand.Normal(DType.F32, 1, 2, columns));
            yield return PrefixSum(Operand.Ints32([.. Enumerable.Range(0, 2 * columns).Select(i => i * 37 % 101 - 50)], 2, columns));
        }
        foreach ((DType x, DType weights) in AllCases.StorageTypes)
        {
            yield return HeadNorm(x, weights, rows: 12, period: 4, columns: 33, bias: false);
            yield return RmsNorm(x, weights, 3, 97, offset: 1f);
        }
        yield return HeadNorm(DType.F32, DType.F32, rows: 6, period: 1, columns: 15, bias: false);
        yield return HeadNorm(DType.F32, DType.F32, rows: 6, period: 3, columns: 65, bias: true);
        yield return LayerNorm(DType.F32, DType.F32, 2, 768, 100f);   // a mean far from zero
        yield return Softmax(DType.F16, 3, 3, 131);
        yield return Softmax(DType.BF16, 3, 3, 131);
        yield return Softmax(DType.F32, 50, 2, 500);
        yield return SoftmaxOf("softmax NaN and infinities", Operand.Of(DType.F32, [1f, float.NaN, 2f, 0f, float.NegativeInfinity, 1f, 300f, -300f, 299f], 3, 3));
    }

    private static KernelCase LayerNorm(DType type, DType weights, int rows, int columns, float mean) => new($"layer_norm {type} {weights} {rows}x{columns} mean {mean}")
    {
        Operands = [Operand.Of(type, Array.ConvertAll(Operand.Normal(type, 1, rows, columns).Floats, v => v + mean), rows, columns), Operand.Normal(weights, 1, columns), Operand.Normal(weights, 1, columns, 1)],
        Op = (g, t) => [g.LayerNorm(t[0], t[1], t[2].Reshape(columns), Epsilon)],
        Reference = o =>
        {
            double[] y = new double[rows * columns];
            LayerNormKernel.Reference(o[0].Floats, o[1].Floats, o[2].Floats, y, columns, Epsilon);
            return [y];
        },
        // the mean's rounding error, 2^-24 · |mean|, is divided by the deviation (1 here) and multiplied by w (up to 4)
        Tolerance = y => 1e-6 * (1 + Math.Abs(y)) * (2 + mean),
    };

    private static KernelCase HeadNorm(DType type, DType weights, int rows, int period, int columns, bool bias) => new($"layer_norm {type} {weights} {rows}x{columns}, {period} weights in turn, bias {bias}")
    {
        Operands = [Operand.Normal(type, 1, rows, columns), Operand.Normal(weights, 1, period, columns), Operand.Normal(weights, 1, period, columns, 1)],
        Op = (g, t) => [g.LayerNorm(t[0], t[1], bias ? t[2].Reshape(period, columns) : null, Epsilon)],
        Reference = o =>
        {
            double[] y = new double[rows * columns];
            LayerNormKernel.Reference(o[0].Floats, o[1].Floats, bias ? o[2].Floats : [], y, columns, Epsilon);
            return [y];
        },
        Tolerance = y => 2e-6 * (1 + Math.Abs(y)),   // sums of columns / 32 numbers and five more steps, times w (up to 4)
    };

    private static KernelCase RmsNorm(DType type, DType weights, int rows, int columns, float offset = 0f) => new($"rms_norm {type} {weights} {rows}x{columns} offset {offset}")
    {
        Operands = [Operand.Normal(type, 1, rows, columns), Operand.Normal(weights, 1, columns)],
        Op = (g, t) => [g.RmsNorm(t[0], t[1], Epsilon, offset)],
        Reference = o =>
        {
            double[] y = new double[rows * columns];
            RmsNormKernel.Reference(o[0].Floats, o[1].Floats, y, columns, Epsilon, offset);
            return [y];
        },
        Tolerance = y => 1e-6 * (Math.Abs(y) + offset * 4),   // offset + w is rounded where they cancel, x is up to 4; lanes sum columns / 32 squares each; the root halves their relative error
    };

    private static KernelCase Reduce(string name, DType type, int columns, Func<Graph, Tensor, Tensor> op, Func<float[], double> row) => new($"{name} {type} 3x{columns}")
    {
        Operands = [Operand.Normal(type, 1, 3, columns)],
        Op = (g, t) => [op(g, t[0])],
        Reference = o => [[.. o[0].Floats.Chunk(columns).Select(row)]],
        Tolerance = name is "max" or "min" ? null : _ => columns * Math.ScaleB(1, -25),   // columns / 32 roundings of sums of up to columns / 32 values of about 1, five roundings of the tree
    };

    private static KernelCase PrefixSum(Operand x) => new($"prefix_sum {x.Type} {x.Dims[0]}x{x.Dims[1]}")
    {
        Operands = [x],
        Op = (g, t) => [g.PrefixSum(t[0])],
        Reference = o =>
        {
            double[] y = new double[o[0].Dims[0] * o[0].Dims[1]];
            PrefixSumKernel.Reference(Array.ConvertAll(Storage.Decode(o[0].Type, o[0].Content), v => (float)v), y, o[0].Dims[1]);
            return [y];
        },
        Tolerance = x.Type == DType.I32 ? null : _ => 3e-5,   // about 17 roundings of sums of up to 100: each 2^-24 · 100
    };

    private static KernelCase Softmax(DType type, double deviation, int rows, int columns)
        => SoftmaxOf($"softmax {type} {rows}x{columns} deviation {deviation}", Operand.Normal(type, deviation, rows, columns));

    private static KernelCase SoftmaxOf(string name, Operand x) => new(name)
    {
        Operands = [x],
        Op = (g, t) => [g.Softmax(t[0])],
        Reference = o =>
        {
            double[] y = new double[o[0].Floats.Length];
            SoftmaxKernel.Reference(o[0].Floats, y, o[0].Dims[^1]);
            return [y];
        },
        Tolerance = y => 1e-6 * y * (2 - Math.Log(Math.Max(y, 1e-37)) / 10) + 1e-37,   // max - x is at most the logarithm of 1 / y
    };
}
