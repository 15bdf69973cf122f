using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class GemmCases
{
    /// <summary>Around the edges of a block's rows (16, 64, 128, 256) and columns (64), of a step along k (32 or 128, parts of 16) and of a thread's share (4).</summary>
    private static readonly (int M, int N, int K)[] Sizes =
        [(2, 1, 1), (15, 64, 16), (16, 128, 32), (17, 65, 17), (63, 64, 16), (64, 64, 16), (64, 65, 17), (65, 63, 15), (3, 67, 33), (37, 5, 31), (127, 9, 16), (128, 64, 33), (129, 33, 48), (256, 5, 31), (257, 7, 20), (330, 65, 33), (2, 160, 432), (130, 70, 144), (300, 64, 129)];

    private static readonly (int N, int K)[] Vectors = [(1, 1), (3, 31), (4, 32), (5, 33), (7, 63), (8, 64), (9, 65), (33, 40), (160, 432), (11, 95), (2, 1000)];

    /// <summary>Around the edges of the rows (1, 2, 4) and outputs (8, 4, 2; times four warps) that a warp takes at a time, and several turns of it.</summary>
    private static readonly (int M, int N, int K)[] FewRows =
        [(2, 3, 31), (2, 16, 32), (2, 17, 65), (3, 7, 33), (4, 8, 64), (4, 9, 95), (5, 2, 32), (7, 33, 40), (8, 1, 7), (8, 65, 130), (9, 16, 64), (13, 11, 33), (16, 24, 63)];

    public static IEnumerable<KernelCase> All()
    {
        foreach ((int m, int n, int k) in Sizes)
        {
            yield return Linear(DType.F32, DType.F32, m, n, k, Activation.None, bias: false, residual: false);
            yield return Exact(DType.F32, DType.F32, m, n, k);
        }
        foreach ((int m, int n, int k) in FewRows)
        {
            yield return Steps(Linear(DType.F32, DType.F32, m, n, k, Activation.None, bias: true, residual: true));
            yield return Steps(Exact(DType.F32, DType.F32, m, n, k));
        }
        foreach ((DType x, DType w) in AllCases.StorageTypes)
            foreach (int m in new[] { 2, 6, 21 }) yield return Steps(Linear(x, w, m, 70, 50, Activation.None, bias: true, residual: true));
        foreach ((int n, int k) in Vectors)
        {
            yield return Linear(DType.F32, DType.F32, 1, n, k, Activation.None, bias: false, residual: false);
            yield return Exact(DType.F32, DType.F32, 1, n, k);
        }
        foreach ((DType x, DType w) in AllCases.StorageTypes)
            foreach (int m in new[] { 1, 21 })
            {
                yield return Linear(x, w, m, 70, 50, Activation.None, bias: true, residual: true);
                if (x != DType.F32 || w != DType.F32) yield return Exact(x, w, m, 70, 50);
            }
        foreach (Activation activation in new[] { Activation.Gelu, Activation.QuickGelu, Activation.Silu })
            foreach (int m in new[] { 1, 21 })
            {
                yield return Linear(DType.F32, DType.F32, m, 70, 50, activation, bias: true, residual: false);
                yield return Linear(DType.F32, DType.F16, m, 70, 50, activation, bias: true, residual: true);
            }
        foreach ((DType x, DType w) in AllCases.StorageTypes)
            foreach (int m in new[] { 1, 2, 21, 40, 100, 150, 260 })
            {
                if (m <= 21) yield return Group(x, w, m, 50, steps: true, 70, 9, 33);
                if (m > 1 && (m <= 21 || x == DType.F32 || m <= 100)) yield return Group(x, w, m, 50, steps: false, 70, 9, 33);
            }
        yield return Group(DType.F32, DType.F32, 1, 130, steps: true, 17, 40);
        yield return Group(DType.F32, DType.F32, 5, 130, steps: false, 17, 70);
        // around a tile of 128, a warp's share of 64 x 32, chunks of 8 and the turn of three stages of 32
        foreach ((int m, int n, int k) in new[] { (1, 1, 8), (64, 32, 32), (65, 33, 40), (127, 129, 96), (130, 17, 136) })
            foreach (DType type in new[] { DType.F16, DType.BF16 })
            {
                yield return OnTensorCores(type, m, n, k, whole: false);
                yield return OnTensorCores(type, m, n, k, whole: true);
            }
    }

    /// <summary>Layers of one input in one launch; without steps, all rows are one sequence's.</summary>
    private static KernelCase Group(DType type, DType weights, int m, int k, bool steps, params int[] outputs) => new($"linears {type} {weights} {m}x{k} to {string.Join(' ', outputs)}{(steps ? " steps" : "")}")
    {
        // the biases of the first and the last layer follow the weights
        Operands = [Operand.Normal(type, 1, m, k), .. outputs.Select(n => Operand.Normal(weights, 0.5, n, k)), Operand.Normal(weights, 1, outputs[0]), Operand.Normal(weights, 1, outputs[^1])],
        Op = (g, t) =>
        {
            var layers = new (Tensor, Tensor?)[outputs.Length];
            for (int i = 0; i < layers.Length; i++) layers[i] = (t[1 + i], i == 0 ? t[^2] : i == outputs.Length - 1 ? t[^1] : null);
            return g.Linears(steps ? t[0].Reshape(m, 1, k) : t[0], layers);
        },
        Reference = o => [.. outputs.Select((n, i) =>
        {
            double[] y = new double[m * n];
            GemmKernel.Reference(o[0].Floats, o[1 + i].Floats, i == 0 ? o[^2].Floats : i == outputs.Length - 1 ? o[^1].Floats : [], [], y, k, Activation.None);
            return y;
        })],
        Tolerance = y => k * Math.ScaleB(0.5, -22) + 1e-6 * (1 + Math.Abs(y)),   // as for one layer
    };

    private static KernelCase OnTensorCores(DType type, int m, int n, int k, bool whole)
    {
        KernelCase plain = whole ? Exact(type, type, m, n, k) : Linear(type, type, m, n, k, Activation.None, bias: true, residual: true);
        return new KernelCase("tensor cores: " + plain.Name) { Operands = plain.Operands, Op = (g, t) => [g.TensorGemm(t[0], t[1], t[2], t[3])], Reference = plain.Reference, Tolerance = plain.Tolerance };
    }

    /// <summary>The same with a row of each of m sequences.</summary>
    private static KernelCase Steps(KernelCase plain) => new("steps: " + plain.Name)
    {
        Operands = plain.Operands,
        Op = (g, t) =>
        {
            int m = t[0].Shape[0];
            return [g.Linear(t[0].Reshape(m, 1, t[0].Shape[1]), t[1], t[2], t[3].Reshape(m, 1, t[3].Shape[1]))];
        },
        Reference = plain.Reference,
        Tolerance = plain.Tolerance,
    };

    private static KernelCase Linear(DType type, DType weights, int m, int n, int k, Activation activation, bool bias, bool residual)
        => Case($"linear {type} {weights} {m}x{n}x{k} {activation}{(bias ? " bias" : "")}{(residual ? " residual" : "")}", activation, bias, residual,
            [Operand.Normal(type, 1, m, k), Operand.Normal(weights, 0.5, n, k), Operand.Normal(weights, 1, n), Operand.Normal(type, 1, m, n)],
            // k roundings of partial sums with deviation 0.5·sqrt(i): five deviations of the accumulated error
            y => k * Math.ScaleB(0.5, -22) + 1e-6 * (1 + Math.Abs(y)));

    /// <summary>Small whole numbers: every partial sum is exact, so that one wrong, missing or doubled product shows.</summary>
    private static KernelCase Exact(DType type, DType weights, int m, int n, int k)
        => Case($"linear {type} {weights} {m}x{n}x{k} whole numbers", Activation.None, true, true,
            [Operand.Whole(type, 3, m, k), Operand.Whole(weights, 3, n, k), Operand.Whole(weights, 9, n), Operand.Whole(type, 9, m, n)], null);

    private static KernelCase Case(string name, Activation activation, bool bias, bool residual, Operand[] operands, Func<double, double>? tolerance) => new(name)
    {
        Operands = operands,
        Op = (g, t) => [g.Linear(t[0], t[1], bias ? t[2] : null, residual ? t[3] : null, activation)],
        Reference = o =>
        {
            double[] y = new double[o[3].Floats.Length];
            GemmKernel.Reference(o[0].Floats, o[1].Floats, bias ? o[2].Floats : [], residual ? o[3].Floats : [], y, o[0].Dims[1], activation);
            return [y];
        },
        Tolerance = tolerance,
    };
}
