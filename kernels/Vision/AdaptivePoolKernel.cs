namespace MmKernels.Kernels;

/// <summary>Means over a grid of bins: bin i of n covers the rows ⌊i · rows / n⌋ to ⌈(i + 1) · rows / n⌉ - 1, so that bins overlap where n is no divisor.</summary>
/// <remarks>
/// shapes  : x [images, rows, columns, channels] -> y [images, toRows, toColumns, channels]
/// launch  : one warp per bin, group 128
/// traffic : each element read about once; memory bound
/// numbers : f32, row by row
/// source  : torch.nn.AdaptiveAvgPool2d
/// </remarks>
public static class AdaptivePoolKernel
{
    /// <summary>The means, in x's type.</summary>
    public static Tensor AdaptiveMeanPool(this Graph g, Tensor x, int toRows, int toColumns)
    {
        (int images, int rows, int columns, int channels) = x.Shape;
        g.Require(toRows > 0 && toColumns > 0 && (long)toRows * rows < int.MaxValue / 2 && (long)toColumns * columns < int.MaxValue / 2 && x.Shape.Elements > 0, x);
        Tensor y = g.New(x.DType, images, toRows, toColumns, channels);
        int bins = Rows.Count(g, y);
        g.Launch(new KernelRef(typeof(AdaptivePoolKernel), nameof(Kernel), KernelRef.Element(x.DType)), Rows.Blocks(bins), Rows.GroupSize,
            x, y, bins, rows, columns, channels, toRows, toColumns);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int bins, int rows, int columns, int channels, int toRows, int toColumns) where T : unmanaged, IElement<T>
    {
        int bin = Rows.Row;
        if (bin >= bins) return;
        int line = bin / toColumns, image = line / toRows, row = line - image * toRows, column = bin - line * toColumns;
        int top = row * rows / toRows, bottom = ((row + 1) * rows + toRows - 1) / toRows;
        int left = column * columns / toColumns, right = ((column + 1) * columns + toColumns - 1) / toColumns;
        float count = (bottom - top) * (right - left);
        for (int channel = Warp.LaneIdx; channel < channels; channel += Warp.WarpSize)
        {
            float sum = 0f;
            for (int i = top; i < bottom; i++)
                for (int j = left; j < right; j++) sum += x[(((long)image * rows + i) * columns + j) * channels + channel];
            y[(long)bin * channels + channel] = (T)(sum / count);
        }
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int rows, int columns, int channels, int toRows, int toColumns)
    {
        for (int at = 0; at < y.Length; at++)
        {
            int bin = at / channels, image = bin / (toRows * toColumns), row = bin / toColumns % toRows, column = bin % toColumns, count = 0;
            double sum = 0;
            for (int i = (int)Math.Floor((double)row * rows / toRows); i < Math.Ceiling((row + 1.0) * rows / toRows); i++)
                for (int j = (int)Math.Floor((double)column * columns / toColumns); j < Math.Ceiling((column + 1.0) * columns / toColumns); j++, count++)
                    sum += x[((image * rows + i) * columns + j) * channels + at % channels];
            y[at] = sum / count;
        }
    }
}
