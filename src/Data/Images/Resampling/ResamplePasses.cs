namespace MmKernels.Data.Images;

/// <summary>
/// A resize as its passes: the coefficients of each axis (null where the pass is not needed) and their order.
/// The first pass writes rounded bytes, which the second one reads.
/// </summary>
public sealed record ResamplePasses(int InWidth, int InHeight, int Width, int Height, ResampleAxis? Horizontal, ResampleAxis? Vertical, bool VerticalFirst)
{
    /// <summary>The passes that bring the part <paramref name="box"/> of a picture to <paramref name="width"/> x <paramref name="height"/>.</summary>
    /// <exception cref="MmkException">MMK468: a table of coefficients is too large.</exception>
    public static ResamplePasses Create(int inWidth, int inHeight, ResampleBox box, int width, int height, ResampleFilter filter, PassOrder order)
    {
        bool horizontal = width != inWidth || box.Left != 0 || box.Right != width;
        bool vertical = height != inHeight || box.Top != 0 || box.Bottom != height;
        int lostRows = inHeight - height, lostColumns = inWidth - width;
        return new ResamplePasses(inWidth, inHeight, width, height,
            horizontal ? ResampleAxis.Create(inWidth, box.Left, box.Right, width, filter) : null,
            vertical ? ResampleAxis.Create(inHeight, box.Top, box.Bottom, height, filter) : null,
            order == PassOrder.Pillow13 && lostRows > 0 && lostRows > 2L * lostColumns);
    }

    /// <summary>Runs the passes over bytes [InHeight, InWidth, channels] and returns [Height, Width, channels].</summary>
    public byte[] Run(byte[] source, int channels)
    {
        if (Horizontal is null && Vertical is null) return source;
        if (Horizontal is null) return RunVertical(source, InWidth, channels, Vertical!, 0);
        if (Vertical is null) return RunHorizontal(source, 0, InHeight, channels);
        if (VerticalFirst)
        {
            byte[] squeezed = RunVertical(source, InWidth, channels, Vertical, 0);
            return RunHorizontal(squeezed, 0, Height, channels);
        }
        (int first, int end) = RowsRead(Vertical);
        return RunVertical(RunHorizontal(source, first, end - first, channels), Width, channels, Vertical, first);
    }

    private byte[] RunHorizontal(byte[] source, int firstRow, int rows, int channels)
    {
        byte[] target = Image.Allocate("a resized picture", Width, rows, channels);
        int inStride = InWidth * channels, outStride = Width * channels;
        var pass = new HorizontalPass(Horizontal!, channels);
        for (int y = 0; y < rows; y++) pass.Run(source.AsSpan((firstRow + y) * inStride), target.AsSpan(y * outStride, outStride));
        return target;
    }

    /// <summary>The source holds rows from <paramref name="firstRow"/> of the axis on.</summary>
    private byte[] RunVertical(byte[] source, int width, int channels, ResampleAxis axis, int firstRow)
    {
        byte[] target = Image.Allocate("a resized picture", width, Height, channels);
        int stride = width * channels;
        for (int y = 0; y < Height; y++)
        {
            int start = (axis.Starts[y] - firstRow) * stride;
            ReadOnlySpan<int> weights = axis.Weights.AsSpan(y * axis.MaxCount, axis.Counts[y]);
            ResampleRows.Vertical(weights, weights.IsEmpty ? [] : source.AsSpan(start), stride, target.AsSpan(y * stride, stride));
        }
        return target;
    }

    /// <summary>The rows between the first and the last that the vertical pass reads; the horizontal pass makes no others.</summary>
    private static (int First, int End) RowsRead(ResampleAxis vertical)
    {
        int first = int.MaxValue, end = 0;
        for (int i = 0; i < vertical.OutLength; i++)
        {
            if (vertical.Counts[i] == 0) continue;
            first = Math.Min(first, vertical.Starts[i]);
            end = Math.Max(end, vertical.Starts[i] + vertical.Counts[i]);
        }
        return end == 0 ? (0, 1) : (first, end);
    }
}
