namespace MmKernels.Kernels;

/// <summary>The mean or the largest of every few neighbouring rows of a group; rows that fill no window are dropped.</summary>
/// <remarks>
/// shapes  : x [groups, rows, columns] -> y [groups, rows / window, columns]
/// launch  : one warp per result row, group 128
/// traffic : each element read once; memory bound
/// numbers : f32 in the order of the rows; largest is exact and ignores NaN
/// source  : torch.nn.AvgPool1d and MaxPool1d with stride = kernel_size
/// </remarks>
public static class PoolRowsKernel
{
    /// <summary>Means of <paramref name="window"/> rows, in x's type.</summary>
    public static Tensor MeanPoolRows(this Graph g, Tensor x, int window) => Launch(g, x, window, typeof(ReduceKernel.MeanReduction));

    /// <summary>The largest of <paramref name="window"/> rows, column by column, in x's type.</summary>
    public static Tensor MaxPoolRows(this Graph g, Tensor x, int window) => Launch(g, x, window, typeof(ReduceKernel.MaxReduction));

    private static Tensor Launch(Graph g, Tensor x, int window, Type reduction)
    {
        (int groups, int rows, int columns) = x.Shape;
        g.Require(window > 0 && rows >= window, x);
        Tensor y = g.New(x.DType, groups, rows / window, columns);
        int count = Rows.Count(g, y);
        g.Launch(new KernelRef(typeof(PoolRowsKernel), nameof(Kernel), KernelRef.Element(x.DType), reduction), Rows.Blocks(count), Rows.GroupSize, x, y, count, rows, columns, window);
        return y;
    }

    internal static void Kernel<T, TReduction>(In<T> x, Out<T> y, int count, int rows, int columns, int window)
        where T : unmanaged, IElement<T>
        where TReduction : struct, IReduction
    {
        int row = Rows.Row;
        if (row >= count) return;
        int perGroup = rows / window, group = row / perGroup;
        In<T> from = x.SubView(((long)group * rows + (row - group * perGroup) * window) * columns);
        Out<T> to = y.SubView((long)row * columns);
        for (int i = Warp.LaneIdx; i < columns; i += Warp.WarpSize)
        {
            float value = TReduction.Empty;
            for (int j = 0; j < window; j++) value = TReduction.Combine(value, from[j * columns + i]);
            to[i] = (T)TReduction.Finish(value, window);
        }
    }

    /// <summary>Means, or with <paramref name="largest"/> the largest.</summary>
    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int rows, int columns, int window, bool largest)
    {
        int perGroup = rows / window;
        for (int i = 0; i < y.Length; i++)
        {
            int row = i / columns, first = (row / perGroup * rows + row % perGroup * window) * columns + i % columns;
            double value = largest ? double.NegativeInfinity : 0;
            for (int j = 0; j < window; j++)
            {
                double one = x[first + j * columns];
                value = largest ? Math.Max(value, one) : value + one / window;
            }
            y[i] = value;
        }
    }
}
