namespace MmKernels.Data.Images;

/// <summary>
/// One axis of torch.nn.functional.interpolate: for each output <see cref="Taps"/> inputs with their weights. This is the interpolation of tensors
/// (positional tables, feature maps); pictures are resized by <see cref="Resampler"/>, whose bicubic is another one (a = -0.5).
/// </summary>
public sealed class InterpolationAxis
{
    private InterpolationAxis(int inLength, int outLength, int taps)
        => (InLength, OutLength, Taps, Indices, Weights) = (inLength, outLength, taps, new int[outLength * taps], new double[outLength * taps]);

    public int InLength { get; }

    public int OutLength { get; }

    /// <summary>Inputs per output; those that are not needed have the weight 0.</summary>
    public int Taps { get; }

    /// <summary>[OutLength, Taps].</summary>
    public int[] Indices { get; }

    /// <summary>[OutLength, Taps].</summary>
    public double[] Weights { get; }

    /// <summary>mode="bilinear": the source position is clamped at 0; equal lengths copy, whatever the factor.</summary>
    /// <param name="inLength">Elements of the input, at least 1.</param>
    /// <param name="outLength">Elements of the output, at least 1.</param>
    /// <param name="alignCorners">Whether the first and the last elements of both lie on each other.</param>
    /// <param name="scaleFactor">The scale_factor where one was given and is not recomputed from the lengths.</param>
    /// <exception cref="MmkException">MMK468: a length below 1.</exception>
    public static InterpolationAxis Bilinear(int inLength, int outLength, bool alignCorners, double? scaleFactor = null)
    {
        InterpolationAxis axis = Create(inLength, outLength, 2);
        float scale = Scale(inLength, outLength, alignCorners, scaleFactor);
        for (int i = 0; i < outLength; i++)
        {
            float source = inLength == outLength ? i : Math.Max(0, Source(i, scale, alignCorners));
            int low = Math.Min((int)source, inLength - 1);
            axis.Set(i, 0, low, 1 - (source - low));
            axis.Set(i, 1, low + 1, source - low);
        }
        return axis;
    }

    /// <summary>mode="bicubic": Keys' cubic with a = -0.75; the four indices are clamped, the position is not.</summary>
    /// <inheritdoc cref="Bilinear"/>
    public static InterpolationAxis Bicubic(int inLength, int outLength, bool alignCorners, double? scaleFactor = null)
    {
        const double a = -0.75;
        InterpolationAxis axis = Create(inLength, outLength, 4);
        float scale = Scale(inLength, outLength, alignCorners, scaleFactor);
        for (int i = 0; i < outLength; i++)
        {
            float source = Source(i, scale, alignCorners);
            int low = (int)MathF.Floor(source);
            double t = source - low;
            axis.Set(i, 0, low - 1, Far(t + 1));
            axis.Set(i, 1, low, Near(t));
            axis.Set(i, 2, low + 1, Near(1 - t));
            axis.Set(i, 3, low + 2, Far(2 - t));
        }
        return axis;

        static double Near(double x) => ((a + 2) * x - (a + 3)) * x * x + 1;
        static double Far(double x) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    }

    /// <summary>antialias=True with a filter of Pillow (bilinear, or bicubic with a = -0.5) in floating point.</summary>
    /// <inheritdoc cref="Bilinear"/>
    public static InterpolationAxis Antialiased(int inLength, int outLength, ResampleFilter filter, bool alignCorners)
    {
        if (inLength < 1 || outLength < 1) throw ImageErrors.Resize($"{inLength} elements to {outLength}: lengths must be > 0");
        double scale = Scale(inLength, outLength, alignCorners, null), filterScale = Math.Max(1, scale), support = ResampleAxis.SupportOf(filter) * filterScale;
        InterpolationAxis axis = Create(inLength, outLength, (int)Math.Min(inLength, Math.Ceiling(support) * 2 + 1));
        for (int i = 0; i < outLength; i++)
        {
            double center = scale * (i + 0.5), sum = 0;
            int low = Math.Max(0, (int)(center - support + 0.5)), high = Math.Min(inLength, (int)(center + support + 0.5));
            for (int j = low; j < high; j++) sum += ResampleAxis.Evaluate(filter, (j - center + 0.5) / filterScale);
            for (int j = low; j < high; j++) axis.Set(i, j - low, j, ResampleAxis.Evaluate(filter, (j - center + 0.5) / filterScale) / sum);
        }
        return axis;
    }

    /// <summary>mode="nearest": floor(i · scale) in float32; equal lengths copy, doubled ones repeat.</summary>
    /// <inheritdoc cref="Bilinear"/>
    public static InterpolationAxis Nearest(int inLength, int outLength, double? scaleFactor = null)
    {
        float scale = Scale(inLength, outLength, false, scaleFactor);
        return OneTap(inLength, outLength, i => outLength == inLength ? i : outLength == 2 * inLength ? i >> 1 : (int)MathF.Floor(i * scale));
    }

    /// <summary>mode="nearest-exact": floor((i + 0.5) · scale) in float32.</summary>
    /// <inheritdoc cref="Bilinear"/>
    public static InterpolationAxis NearestExact(int inLength, int outLength, double? scaleFactor = null)
    {
        float scale = Scale(inLength, outLength, false, scaleFactor);
        return OneTap(inLength, outLength, i => (int)MathF.Floor((i + 0.5f) * scale));
    }

    /// <summary>mode="area": the mean from floor(i · n / m) to ceil((i + 1) · n / m).</summary>
    /// <inheritdoc cref="Bilinear"/>
    public static InterpolationAxis Area(int inLength, int outLength)
    {
        InterpolationAxis axis = Create(inLength, outLength, (int)Math.Min(inLength, (long)inLength / Math.Max(1, outLength) + 2));
        for (int i = 0; i < outLength; i++)
        {
            int low = (int)((long)i * inLength / outLength), high = (int)(((long)(i + 1) * inLength + outLength - 1) / outLength);
            for (int j = low; j < high; j++) axis.Set(i, j - low, j, 1.0 / (high - low));
        }
        return axis;
    }

    private static InterpolationAxis OneTap(int inLength, int outLength, Func<int, int> index)
    {
        InterpolationAxis axis = Create(inLength, outLength, 1);
        for (int i = 0; i < outLength; i++) axis.Set(i, 0, index(i), 1);
        return axis;
    }

    private static InterpolationAxis Create(int inLength, int outLength, int taps)
        => inLength >= 1 && outLength >= 1 && (long)outLength * taps <= Array.MaxLength / 8 ? new InterpolationAxis(inLength, outLength, taps)
            : throw ImageErrors.Resize($"{inLength} elements to {outLength}: lengths must be > 0, and not beyond memory");

    /// <summary>Inputs per output, in float32 as torch computes it.</summary>
    private static float Scale(int inLength, int outLength, bool alignCorners, double? scaleFactor)
    {
        if (alignCorners) return outLength > 1 ? (float)(inLength - 1) / (outLength - 1) : 0;
        return scaleFactor is { } factor ? (float)(1 / factor) : (float)inLength / outLength;
    }

    private static float Source(int i, float scale, bool alignCorners) => alignCorners ? scale * i : scale * (i + 0.5f) - 0.5f;

    private void Set(int i, int tap, int index, double weight)
        => (Indices[i * Taps + tap], Weights[i * Taps + tap]) = (Math.Clamp(index, 0, InLength - 1), weight);
}
