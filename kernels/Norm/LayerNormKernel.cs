namespace MmKernels.Kernels;

/// <summary>y = (x - mean) / sqrt(variance + eps) · w + b, row by row; b may be absent, and w may be one of several that rows take in turn.</summary>
/// <remarks>
/// shapes  : x [.., hidden], w [hidden] or [period, hidden] for row modulo period, b like w -> y [.., hidden]
/// launch  : one warp per row, group 128
/// traffic : a row read three times (twice from a cache), written once; memory bound
/// numbers : sums in f32 in a fixed order, variance from the differences to the mean; within 1e-6 · (1 + |y|) · sqrt(hidden) of Reference before rounding to the storage type
/// source  : Ba, Kiros, Hinton 2016, arXiv:1607.06450
/// </remarks>
public static class LayerNormKernel
{
    /// <summary>Layer normalisation over the last dimension.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., hidden].</param>
    /// <param name="w">[hidden], or [period, hidden]: the weights of the rows in turn (one for every head).</param>
    /// <param name="b">Like w, or absent.</param>
    /// <param name="eps">Added to the variance.</param>
    public static Tensor LayerNorm(this Graph g, Tensor x, Tensor w, Tensor? b, float eps)
    {
        int hidden = x.Shape[^1];
        g.Require(w.Shape.Rank is 1 or 2 && w.Shape[^1] == hidden, w, x);
        if (b is not null) g.Require(b.Shape == w.Shape && b.DType == w.DType, b, w);
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int rows = Rows.Count(g, x);
        g.Launch(new KernelRef(typeof(LayerNormKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType)),
            Rows.Blocks(rows), Rows.GroupSize, x, w, b ?? g.New(w.DType, 0), y, rows, hidden, (int)(w.Shape.Elements / hidden), eps);
        return y;
    }

    internal static void Kernel<T, TW>(In<T> x, In<TW> w, In<TW> b, Out<T> y, int rows, int hidden, int period, float eps)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        int lane = Warp.LaneIdx;
        In<T> xs = x.SubView((long)row * hidden);
        Out<T> ys = y.SubView((long)row * hidden);
        In<TW> ws = w.SubView(row % period * hidden);
        In<TW> bs = b.SubView(row % period * hidden);

        int whole = Rows.Whole(hidden);

        float sum = 0f;
        for (int first = 0; first < whole; first += Warp.WarpSize) sum += xs.SubView(first)[lane];
        if (whole + lane < hidden) sum += xs[whole + lane];
        float mean = Rows.Sum(sum) / hidden;

        float squares = 0f;
        for (int first = 0; first < whole; first += Warp.WarpSize)
        {
            float d = xs.SubView(first)[lane] - mean;
            squares = XMath.Fma(d, d, squares);
        }
        if (whole + lane < hidden)
        {
            float d = xs[whole + lane] - mean;
            squares = XMath.Fma(d, d, squares);
        }
        float scale = 1f / XMath.Sqrt(Rows.Sum(squares) / hidden + eps);

        if (b.View.IntLength > 0)
        {
            for (int first = 0; first < whole; first += Warp.WarpSize)
                ys.SubView(first)[lane] = (T)XMath.Fma((xs.SubView(first)[lane] - mean) * scale, ws.SubView(first)[lane], bs.SubView(first)[lane]);
            if (whole + lane < hidden) ys[whole + lane] = (T)XMath.Fma((xs[whole + lane] - mean) * scale, ws[whole + lane], bs[whole + lane]);
        }
        else
        {
            for (int first = 0; first < whole; first += Warp.WarpSize) ys.SubView(first)[lane] = (T)((xs.SubView(first)[lane] - mean) * scale * ws.SubView(first)[lane]);
            if (whole + lane < hidden) ys[whole + lane] = (T)((xs[whole + lane] - mean) * scale * ws[whole + lane]);
        }
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> b, Span<double> y, int hidden, double eps)
    {
        for (int row = 0; row < x.Length; row += hidden)
        {
            int weights = row % w.Length;
            double mean = 0, variance = 0;
            for (int i = 0; i < hidden; i++) mean += (double)x[row + i] / hidden;
            for (int i = 0; i < hidden; i++) variance += (x[row + i] - mean) * (x[row + i] - mean) / hidden;
            for (int i = 0; i < hidden; i++) y[row + i] = (x[row + i] - mean) / Math.Sqrt(variance + eps) * w[weights + i] + (b.IsEmpty ? 0 : b[weights + i]);
        }
    }
}
