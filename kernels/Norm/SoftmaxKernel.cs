namespace MmKernels.Kernels;

/// <summary>y = e^(x - max(x)) / Σ e^(x - max(x)), row by row.</summary>
/// <remarks>
/// shapes  : x [.., columns] -> y [.., columns]
/// launch  : one warp per row, group 128
/// traffic : a row read three times (twice from a cache), written once; memory bound
/// numbers : f32 in a fixed order; relative error below 1e-6 · (2 + (max - x) / 10) of Reference before rounding to the storage type. A NaN makes its row NaN
/// </remarks>
public static class SoftmaxKernel
{
    private const float Log2E = 1.442695f;

    /// <summary>Softmax over the last dimension.</summary>
    public static Tensor Softmax(this Graph g, Tensor x)
    {
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int rows = Rows.Count(g, x);
        g.Launch(new KernelRef(typeof(SoftmaxKernel), nameof(Kernel), KernelRef.Element(x.DType)),
            Rows.Blocks(rows), Rows.GroupSize, x, y, rows, x.Shape[^1]);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int rows, int columns) where T : unmanaged, IElement<T>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        int lane = Warp.LaneIdx;
        In<T> xs = x.SubView((long)row * columns);
        Out<T> ys = y.SubView((long)row * columns);

        int whole = Rows.Whole(columns);

        float max = float.NegativeInfinity;
        for (int first = 0; first < whole; first += Warp.WarpSize) max = XMath.Max(max, xs.SubView(first)[lane]);
        if (whole + lane < columns) max = XMath.Max(max, xs[whole + lane]);
        max = Rows.Max(max);

        float sum = 0f;
        for (int first = 0; first < whole; first += Warp.WarpSize) sum += XMath.Exp2((xs.SubView(first)[lane] - max) * Log2E);
        if (whole + lane < columns) sum += XMath.Exp2((xs[whole + lane] - max) * Log2E);
        float scale = 1f / Rows.Sum(sum);

        for (int first = 0; first < whole; first += Warp.WarpSize) ys.SubView(first)[lane] = (T)(XMath.Exp2((xs.SubView(first)[lane] - max) * Log2E) * scale);
        if (whole + lane < columns) ys[whole + lane] = (T)(XMath.Exp2((xs[whole + lane] - max) * Log2E) * scale);
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int columns)
    {
        for (int row = 0; row < x.Length; row += columns)
        {
            double max = double.NegativeInfinity, sum = 0;
            for (int i = 0; i < columns; i++) max = Math.Max(max, x[row + i]);
            for (int i = 0; i < columns; i++) sum += Math.Exp(x[row + i] - max);
            for (int i = 0; i < columns; i++) y[row + i] = Math.Exp(x[row + i] - max) / sum;
        }
    }
}
