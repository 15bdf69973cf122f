namespace MmKernels.Kernels;

/// <summary>One pass of a separable picture resize in fixed point: y = clamp((2^21 + Σ weight · pixel) >> 22), to the bit what Pillow computes.</summary>
/// <remarks>
/// shapes  : image U8 [height, width, channels], starts, counts I32 [size], weights I32 [size, taps] -> y U8 [height, size, channels] or [size, width, channels]
/// launch  : grid (results of a row / 256, rows), group 256, one result per thread
/// traffic : about taps bytes read (from a cache) and one written per result
/// numbers : 32-bit integers; exact
/// source  : Pillow's Resample.c; weights have 22 fractional bits and are computed on the host
/// </remarks>
public static class ResizeKernel
{
    private const int GroupSize = 256;
    private const int Precision = 22;

    /// <summary>Resizes along the width: [height, width, channels] to [height, size, channels].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">U8 [height, width, channels].</param>
    /// <param name="starts">I32 [size]: the first pixel that a result reads.</param>
    /// <param name="counts">I32 [size]: how many pixels it reads; starts + counts ≤ width.</param>
    /// <param name="weights">I32 [size, taps]: their weights, 22 fractional bits; counts ≤ taps.</param>
    public static Tensor ResizeHorizontal(this Graph g, Tensor image, Tensor starts, Tensor counts, Tensor weights)
    {
        (int height, int width, int channels) = image.Shape;
        int size = Coefficients(g, image, starts, counts, weights);
        Tensor y = g.New(DType.U8, height, size, channels);
        g.Launch(new KernelRef(typeof(ResizeKernel), nameof(Horizontal)), new Dim3((size * channels + GroupSize - 1) / GroupSize, height), GroupSize,
            image, starts, counts, weights, y, width, channels, size, weights.Shape[1]);
        return y;
    }

    /// <summary>Resizes along the height: [height, width, channels] to [size, width, channels].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">U8 [height, width, channels].</param>
    /// <param name="starts">I32 [size]: the first row that a result reads.</param>
    /// <param name="counts">I32 [size]: how many rows it reads; starts + counts ≤ height.</param>
    /// <param name="weights">I32 [size, taps]: their weights, 22 fractional bits; counts ≤ taps.</param>
    public static Tensor ResizeVertical(this Graph g, Tensor image, Tensor starts, Tensor counts, Tensor weights)
    {
        (int _, int width, int channels) = image.Shape;
        int size = Coefficients(g, image, starts, counts, weights);
        Tensor y = g.New(DType.U8, size, width, channels);
        g.Launch(new KernelRef(typeof(ResizeKernel), nameof(Vertical)), new Dim3((width * channels + GroupSize - 1) / GroupSize, size), GroupSize,
            image, starts, counts, weights, y, width * channels, weights.Shape[1]);
        return y;
    }

    private static int Coefficients(Graph g, Tensor image, Tensor starts, Tensor counts, Tensor weights)
    {
        g.Require(image.DType == DType.U8 && image.Shape.Elements is > 0 and < int.MaxValue / 2, image);
        g.Require(starts.Shape.Rank == 1 && starts.Shape[0] > 0 && counts.Shape == starts.Shape, starts, counts);
        g.Require(weights.Shape.Rank == 2 && weights.Shape[0] == starts.Shape[0] && (long)starts.Shape[0] * image.Shape[2] < int.MaxValue / 2, weights, starts);
        return starts.Shape[0];
    }

    internal static void Horizontal(In<byte> image, In<int> starts, In<int> counts, In<int> weights, Out<byte> y, int width, int channels, int size, int taps)
    {
        int i = Grid.IdxX * GroupSize + Group.IdxX;
        if (i >= size * channels) return;
        int x = i / channels, channel = i - x * channels;
        int from = (Grid.IdxY * width + starts[x]) * channels + channel, count = counts[x];
        int sum = 1 << (Precision - 1);
        for (int j = 0; j < count; j++) sum += weights[x * taps + j] * image[from + j * channels];
        y[Grid.IdxY * size * channels + i] = (byte)XMath.Min(XMath.Max(sum >> Precision, 0), 255);
    }

    internal static void Vertical(In<byte> image, In<int> starts, In<int> counts, In<int> weights, Out<byte> y, int lineBytes, int taps)
    {
        int i = Grid.IdxX * GroupSize + Group.IdxX;
        if (i >= lineBytes) return;
        int row = Grid.IdxY, from = starts[row] * lineBytes + i, count = counts[row];
        int sum = 1 << (Precision - 1);
        for (int j = 0; j < count; j++) sum += weights[row * taps + j] * image[from + j * lineBytes];
        y[row * lineBytes + i] = (byte)XMath.Min(XMath.Max(sum >> Precision, 0), 255);
    }

    /// <summary>Along the middle dimension of [outer, length, inner]: inner = channels for the width; outer = 1 and inner = width · channels for the height.</summary>
    public static void Reference(ReadOnlySpan<byte> image, ReadOnlySpan<int> starts, ReadOnlySpan<int> counts, ReadOnlySpan<int> weights, Span<byte> y, int length, int inner)
    {
        int size = starts.Length, taps = weights.Length / size;
        for (int i = 0; i < y.Length; i++)
        {
            int outer = i / (size * inner), at = i / inner % size;
            long sum = 1 << (Precision - 1);
            for (int j = 0; j < counts[at]; j++) sum += (long)weights[at * taps + j] * image[(outer * length + starts[at] + j) * inner + i % inner];
            y[i] = (byte)Math.Clamp(sum >> Precision, 0, 255);
        }
    }
}
