namespace MmKernels.Kernels;

/// <summary>y = x · (offset + w) / sqrt(mean(x²) + eps), row by row.</summary>
/// <remarks>
/// shapes  : x [.., hidden], w [hidden] -> y [.., hidden]
/// launch  : one warp per row, group 128
/// traffic : a row read twice (once from a cache), written once; memory bound
/// numbers : sums in f32 in a fixed order; within 1e-6 · |y| · sqrt(hidden) of Reference before rounding to the storage type
/// source  : Zhang, Sennrich 2019, arXiv:1910.07467
/// </remarks>
public static class RmsNormKernel
{
    /// <summary>Root-mean-square normalisation over the last dimension.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., hidden].</param>
    /// <param name="w">[hidden].</param>
    /// <param name="eps">Added to the mean of the squares.</param>
    /// <param name="offset">Added to the weights: 1 where checkpoints store their distance from 1 (Gemma).</param>
    public static Tensor RmsNorm(this Graph g, Tensor x, Tensor w, float eps, float offset = 0f)
    {
        int hidden = x.Shape[^1];
        g.Require(w.Shape == new Shape(hidden), w, x);
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int rows = Rows.Count(g, x);
        g.Launch(new KernelRef(typeof(RmsNormKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType)),
            Rows.Blocks(rows), Rows.GroupSize, x, w, y, rows, hidden, eps, offset);
        return y;
    }

    internal static void Kernel<T, TW>(In<T> x, In<TW> w, Out<T> y, int rows, int hidden, float eps, float offset)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        int lane = Warp.LaneIdx;
        In<T> xs = x.SubView((long)row * hidden);
        Out<T> ys = y.SubView((long)row * hidden);

        int whole = Rows.Whole(hidden);

        float squares = 0f;
        for (int first = 0; first < whole; first += Warp.WarpSize)
        {
            float v = xs.SubView(first)[lane];
            squares = XMath.Fma(v, v, squares);
        }
        if (whole + lane < hidden)
        {
            float v = xs[whole + lane];
            squares = XMath.Fma(v, v, squares);
        }
        float scale = 1f / XMath.Sqrt(Rows.Sum(squares) / hidden + eps);

        for (int first = 0; first < whole; first += Warp.WarpSize) ys.SubView(first)[lane] = (T)(xs.SubView(first)[lane] * scale * (offset + w.SubView(first)[lane]));
        if (whole + lane < hidden) ys[whole + lane] = (T)(xs[whole + lane] * scale * (offset + w[whole + lane]));
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<double> y, int hidden, double eps, double offset = 0)
    {
        for (int row = 0; row < x.Length; row += hidden)
        {
            double squares = 0;
            for (int i = 0; i < hidden; i++) squares += (double)x[row + i] * x[row + i] / hidden;
            for (int i = 0; i < hidden; i++) y[row + i] = x[row + i] / Math.Sqrt(squares + eps) * (offset + w[i]);
        }
    }
}
