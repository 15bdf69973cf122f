namespace MmKernels.Kernels;

/// <summary>y[row] = [a[row] | b[row] | …]: tensors side by side.</summary>
/// <remarks>
/// shapes  : parts [rows, columns of each] -> y [rows, all columns]
/// launch  : one per part, one warp per row, group 128
/// traffic : each element read and written once; memory bound
/// numbers : exact
/// </remarks>
public static class JoinColumnsKernel
{
    /// <summary>The parts side by side, in their common type.</summary>
    public static Tensor JoinColumns(this Graph g, params ReadOnlySpan<Tensor> parts)
    {
        int rows = parts[0].Shape[0], width = 0, offset = 0;
        foreach (Tensor part in parts)
        {
            g.Require(part.Shape.Rank == 2 && part.Shape[0] == rows && part.DType == parts[0].DType, part, parts[0]);
            width = checked(width + part.Shape[1]);
        }
        Tensor y = g.New(parts[0].DType, rows, width);
        Rows.Count(g, y);
        foreach (Tensor part in parts)
        {
            g.Launch(new KernelRef(typeof(JoinColumnsKernel), nameof(Kernel), KernelRef.Element(y.DType)), Rows.Blocks(rows), Rows.GroupSize, part, y, rows, part.Shape[1], width, offset);
            offset += part.Shape[1];
        }
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int rows, int columns, int width, int offset) where T : unmanaged, IElement<T>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        In<T> from = x.SubView((long)row * columns);
        Out<T> to = y.SubView((long)row * width + offset);
        for (int i = Warp.LaneIdx; i < columns; i += Warp.WarpSize) to[i] = from[i];
    }

    /// <summary>One part's columns.</summary>
    public static void Reference(ReadOnlySpan<float> part, Span<double> y, int columns, int width, int offset)
    {
        for (int i = 0; i < part.Length; i++) y[i / columns * width + offset + i % columns] = part[i];
    }
}
