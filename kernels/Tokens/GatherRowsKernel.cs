namespace MmKernels.Kernels;

/// <summary>y[i] = x[indices[i]]: chosen rows, for example the last token of each sequence.</summary>
/// <remarks>
/// shapes  : x [.., columns] (its leading dimensions counted through as rows), indices I32 [chosen] -> y [chosen, columns]
/// launch  : one warp per row, group 128
/// traffic : one row read and written per index; memory bound
/// numbers : exact. An index outside x gives zeros
/// </remarks>
public static class GatherRowsKernel
{
    /// <summary>The rows of x that indices name, in x's type.</summary>
    public static Tensor GatherRows(this Graph g, Tensor x, Tensor indices)
    {
        g.Require(indices.DType == DType.I32 && indices.Shape.Rank == 1 && indices.Shape.Elements > 0, indices);
        int chosen = indices.Shape[0], columns = x.Shape[^1];
        Tensor y = g.New(x.DType, chosen, columns);
        g.Launch(new KernelRef(typeof(GatherRowsKernel), nameof(Kernel), KernelRef.Element(x.DType)),
            Rows.Blocks(chosen), Rows.GroupSize, x, indices, y, chosen, Rows.Count(g, x), columns);
        g.Work(0, indices.Bytes + 2 * y.Bytes);
        return y;
    }

    internal static void Kernel<T>(In<T> x, In<int> indices, Out<T> y, int chosen, int rows, int columns) where T : unmanaged, IElement<T>
    {
        int i = Rows.Row;
        if (i >= chosen) return;
        int index = indices[i];
        bool known = index >= 0 && index < rows;
        In<T> from = x.SubView((long)(known ? index : 0) * columns);
        Out<T> to = y.SubView((long)i * columns);
        for (int c = Warp.LaneIdx; c < columns; c += Warp.WarpSize) to[c] = (T)(known ? (float)from[c] : 0f);
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<int> indices, Span<double> y, int columns)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int row = indices[i / columns];
            y[i] = row < 0 || row >= x.Length / columns ? 0 : x[row * columns + i % columns];
        }
    }
}
