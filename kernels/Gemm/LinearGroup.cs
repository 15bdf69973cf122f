namespace MmKernels.Kernels;

/// <summary>Linear layers of one input, such as a block's queries, keys and values: one launch whose blocks choose their layer.</summary>
/// <remarks>
/// shapes  : x [m, k]; of each of two or three layers w [n, k], bias [n] -> y [m, n], with an n of its own; any m, n, k ≥ 1. Weights stay where they are
/// launch  : that of <see cref="GemvKernel"/> or <see cref="GemmKernel"/>, the layers' blocks along n one after the other.
///           A whole block takes the same layer, so that nothing diverges. Several rows of a sequence stay separate launches on a CPU, whose prefill is faster so, and on tensor cores
/// traffic : that of the layers; saves launches, and the end of each, when multiprocessors wait: a step's keys and values alone are few blocks
/// numbers : the bodies are those of the two kernels, and so are the bits. GemmKernel.Reference, layer by layer, is the reference
/// </remarks>
public static class LinearGroup
{
    private const int Most = 3;

    /// <summary>y = x · wᵀ + bias for each layer, with the bits that <see cref="LinearOp.Linear"/> gives it.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., rows of a sequence, inputs].</param>
    /// <param name="layers">One to three: w [outputs, inputs] and, where there is one, the bias [outputs]. Those of several types are launched one by one, as are all on a CPU or on tensor cores where x is no step.</param>
    /// <returns>[.., outputs] of each layer, of x's type.</returns>
    public static Tensor[] Linears(this Graph g, Tensor x, params ReadOnlySpan<(Tensor W, Tensor? Bias)> layers)
    {
        g.Require(layers.Length is > 0 and <= Most, x);
        var results = new Tensor[layers.Length];
        bool together = layers.Length > 1 && (LinearOp.IsStep(x) || !g.Accelerator.LargeCaches && !LinearOp.OnTensorCores(g, x, layers[0].W));
        foreach ((Tensor w, _) in layers) together &= w.DType == layers[0].W.DType;
        for (int i = 0; i < layers.Length; i++)
            results[i] = together ? LinearShapes.Result(g, x, layers[i].W, layers[i].Bias, null) : g.Linear(x, layers[i].W, layers[i].Bias);
        if (together) Launch(g, x, layers, results);
        return results;
    }

    private static void Launch(Graph g, Tensor x, ReadOnlySpan<(Tensor W, Tensor? Bias)> layers, Tensor[] results)
    {
        Tensor w = layers[0].W;
        int k = w.Shape[1], m = Rows.Count(g, x);
        Type element = KernelRef.Element(x.DType), weight = KernelRef.Element(w.DType);
        if (LinearOp.IsStep(x))
        {
            (Type tile, int rows, int outputs) = GemvKernel.Tile(m);
            int groups = (m + rows - 1) / rows;
            (int second, int third, int all) = Blocks(results, Rows.GroupSize / Warp.WarpSize * outputs);
            g.Launch(new KernelRef(typeof(LinearGroup), nameof(Gemv), element, weight, tile), all * groups, Rows.GroupSize,
                [x, .. Operands(g, layers, results), second * groups, third * groups, groups, m, k]);
        }
        else
        {
            (Type tile, int rows) = GemmKernel.Tile(g, x.DType, m);
            (int second, int third, int all) = Blocks(results, GemmKernel.Columns);
            g.Launch(new KernelRef(typeof(LinearGroup), nameof(Gemm), element, weight, tile), new Dim3((m + rows - 1) / rows, all), GemmKernel.PerThread * rows,
                [x, .. Operands(g, layers, results), second, third, m, k]);
        }
        long outputsOfAll = 0;
        foreach (Tensor y in results) outputsOfAll += y.Shape[^1];
        g.Work(2.0 * m * outputsOfAll * k);
    }

    /// <summary>The first blocks of the second and the third layer, and the number of all, where each computes this many outputs.</summary>
    private static (int Second, int Third, int All) Blocks(Tensor[] results, int outputs)
    {
        Span<int> end = stackalloc int[Most];
        int blocks = 0;
        for (int i = 0; i < Most; i++)
        {
            if (i < results.Length) blocks += (results[i].Shape[^1] + outputs - 1) / outputs;
            end[i] = blocks;
        }
        return (end[0], end[1], end[2]);
    }

    /// <summary>Weight, bias, result and outputs of each layer, nothing for those that are not there, and in place of a residual.</summary>
    private static List<Arg> Operands(Graph g, ReadOnlySpan<(Tensor W, Tensor? Bias)> layers, Tensor[] results)
    {
        Tensor noWeights = LinearShapes.None(g, layers[0].W.DType), nothing = LinearShapes.None(g, results[0].DType);
        var operands = new List<Arg>();
        for (int i = 0; i < Most; i++)
        {
            bool there = i < layers.Length;
            operands.AddRange([there ? layers[i].W : noWeights, there ? layers[i].Bias ?? noWeights : noWeights, there ? results[i] : nothing, there ? results[i].Shape[^1] : 0]);
        }
        operands.Add(nothing);
        return operands;
    }

    internal static void Gemv<T, TW, TTile>(In<T> x, In<TW> w1, In<TW> bias1, Out<T> y1, int n1, In<TW> w2, In<TW> bias2, Out<T> y2, int n2, In<TW> w3, In<TW> bias3, Out<T> y3, int n3,
        In<T> residual, int second, int third, int groups, int m, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TTile : struct, IGemvTile
    {
        int block = Grid.IdxX;
        GemvKernel.Block<T, TW, Identity, TTile>(x, Choose(block, second, third, w1, w2, w3), Choose(block, second, third, bias1, bias2, bias3), residual,
            Choose(block, second, third, y1, y2, y3), Choose(block, second, third, 0, second, third), groups, m, Choose(block, second, third, n1, n2, n3), k);
    }

    internal static void Gemm<T, TW, TTile>(In<T> x, In<TW> w1, In<TW> bias1, Out<T> y1, int n1, In<TW> w2, In<TW> bias2, Out<T> y2, int n2, In<TW> w3, In<TW> bias3, Out<T> y3, int n3,
        In<T> residual, int second, int third, int m, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TTile : struct, IGemmTile
    {
        int block = Grid.IdxY;
        GemmKernel.Block<T, TW, Identity, TTile>(x, Choose(block, second, third, w1, w2, w3), Choose(block, second, third, bias1, bias2, bias3), residual,
            Choose(block, second, third, y1, y2, y3), Choose(block, second, third, 0, second, third), m, Choose(block, second, third, n1, n2, n3), k);
    }

    /// <summary>What belongs to a block's layer.</summary>
    private static TValue Choose<TValue>(int block, int second, int third, TValue of1, TValue of2, TValue of3) => block < second ? of1 : block < third ? of2 : of3;
}
