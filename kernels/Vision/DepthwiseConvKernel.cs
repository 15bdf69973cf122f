namespace MmKernels.Kernels;

/// <summary>A convolution of every channel by itself, zeros around the picture: y[r, c] = bias + Σ w[i, j] · x[r · stride + i - k/2, c · stride + j - k/2].</summary>
/// <remarks>
/// shapes  : x [images, rows, columns, channels], w [channels, 1, k, k], k odd -> y [images, (rows - 1) / stride + 1, (columns - 1) / stride + 1, channels]
/// launch  : one warp per pixel of y, group 128
/// traffic : k² elements read (from a cache), one written; memory bound
/// numbers : f32, row by row; within k² · 2^-24 · Σ|w · x| of Reference before rounding to the storage type
/// source  : Chollet 2016, arXiv:1610.02357; torch.nn.Conv2d with groups = channels, padding = k / 2
/// </remarks>
public static class DepthwiseConvKernel
{
    /// <summary>The convolution, in x's type.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[images, rows, columns, channels].</param>
    /// <param name="w">[channels, 1, k, k].</param>
    /// <param name="bias">[channels], of w's type; none where left out.</param>
    /// <param name="stride">Pixels from one result to the next.</param>
    public static Tensor DepthwiseConv(this Graph g, Tensor x, Tensor w, Tensor? bias = null, int stride = 1)
    {
        (int images, int rows, int columns, int channels) = x.Shape;
        int k = w.Shape[^1];
        g.Require(w.Shape == new Shape(channels, 1, k, k) && k % 2 == 1 && stride > 0 && x.Shape.Elements is > 0 and < int.MaxValue / 2, x, w);
        if (bias is not null) g.Require(bias.Shape == new Shape(channels) && bias.DType == w.DType, bias, w);
        Tensor y = g.New(x.DType, images, (rows - 1) / stride + 1, (columns - 1) / stride + 1, channels);
        int pixels = Rows.Count(g, y);
        g.Launch(new KernelRef(typeof(DepthwiseConvKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType)), Rows.Blocks(pixels), Rows.GroupSize,
            x, w, bias ?? LinearShapes.None(g, w.DType), y, pixels, rows, columns, channels, k, stride);
        return y;
    }

    internal static void Kernel<T, TW>(In<T> x, In<TW> w, In<TW> bias, Out<T> y, int pixels, int rows, int columns, int channels, int k, int stride)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
    {
        int pixel = Rows.Row;
        if (pixel >= pixels) return;
        int outColumns = (columns - 1) / stride + 1, outRows = (rows - 1) / stride + 1;
        int line = pixel / outColumns, image = line / outRows;
        int top = (line - image * outRows) * stride - k / 2, left = (pixel - line * outColumns) * stride - k / 2;
        for (int channel = Warp.LaneIdx; channel < channels; channel += Warp.WarpSize)
        {
            float sum = bias.View.IntLength > 0 ? bias[channel] : 0f;
            for (int i = XMath.Max(0, -top); i < XMath.Min(k, rows - top); i++)
                for (int j = XMath.Max(0, -left); j < XMath.Min(k, columns - left); j++)
                    sum = XMath.Fma(w[(channel * k + i) * k + j], x[(((long)image * rows + top + i) * columns + left + j) * channels + channel], sum);
            y[(long)pixel * channels + channel] = (T)sum;
        }
    }

    /// <summary>Without a bias where <paramref name="bias"/> is empty.</summary>
    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, Span<double> y, int rows, int columns, int channels, int k, int stride)
    {
        int outRows = (rows - 1) / stride + 1, outColumns = (columns - 1) / stride + 1;
        for (int at = 0; at < y.Length; at++)
        {
            int channel = at % channels, pixel = at / channels, image = pixel / (outRows * outColumns);
            double sum = bias.Length > 0 ? bias[channel] : 0;
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                {
                    int row = pixel / outColumns % outRows * stride + i - k / 2, column = pixel % outColumns * stride + j - k / 2;
                    if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
                    sum += (double)w[(channel * k + i) * k + j] * x[((image * rows + row) * columns + column) * channels + channel];
                }
            y[at] = sum;
        }
    }
}
