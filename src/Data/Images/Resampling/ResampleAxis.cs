namespace MmKernels.Data.Images;

/// <summary>
/// The fixed-point coefficients of one axis, those of Pillow's Resample.c to the bit. Output i is
/// <c>clamp((2^21 + Σ_j in[Starts[i] + j] · Weights[i · MaxCount + j]) >> 22, 0, 255)</c> for j below Counts[i], in int32 with an arithmetic shift.
/// </summary>
public sealed class ResampleAxis
{
    /// <summary>Fraction bits of the weights: 32 minus 8 of the byte minus 2 of headroom.</summary>
    public const int PrecisionBits = 22;

    /// <summary>Entries of the largest table; a side of 30 million pixels would need more.</summary>
    private const long MaxWeights = 1 << 27;

    private ResampleAxis(int inLength, int[] starts, int[] counts, int[] weights, int maxCount)
        => (InLength, Starts, Counts, Weights, MaxCount) = (inLength, starts, counts, weights, maxCount);

    /// <summary>Pixels of the input along this axis.</summary>
    public int InLength { get; }

    /// <summary>Pixels of the output along this axis.</summary>
    public int OutLength => Starts.Length;

    /// <summary>For each output the first input that it reads.</summary>
    public int[] Starts { get; }

    /// <summary>For each output how many inputs it reads; 0 is possible where a box is empty.</summary>
    public int[] Counts { get; }

    /// <summary>[OutLength, MaxCount], padded with zeros.</summary>
    public int[] Weights { get; }

    /// <summary>The largest count, at least 1.</summary>
    public int MaxCount { get; }

    /// <summary>The coefficients that resample the part from <paramref name="from"/> to <paramref name="to"/> of <paramref name="inLength"/> pixels.</summary>
    /// <exception cref="MmkException">MMK468: the table would exceed 2^27 weights.</exception>
    public static ResampleAxis Create(int inLength, float from, float to, int outLength, ResampleFilter filter)
        => filter == ResampleFilter.Nearest ? CreateNearest(inLength, from, to, outLength) : CreateFiltered(inLength, from, to, outLength, filter);

    private static ResampleAxis CreateFiltered(int inLength, float from, float to, int outLength, ResampleFilter filter)
    {
        double scale = (double)(to - from) / outLength;
        double filterScale = Math.Max(scale, 1);   // antialiased only when shrinking
        double support = SupportOf(filter) * filterScale;
        int maxCount = (int)Math.Min(inLength, Math.Ceiling(support) * 2 + 1);
        if ((long)maxCount * outLength > MaxWeights) throw ImageErrors.ResizeTableTooLarge(inLength, outLength);

        int[] starts = new int[outLength], counts = new int[outLength], weights = new int[outLength * maxCount];
        double[] exact = new double[maxCount];
        double inverse = 1 / filterScale;
        for (int i = 0; i < outLength; i++)
        {
            double center = from + (i + 0.5) * scale;
            int low = Math.Max(0, (int)(center - support + 0.5));
            int high = Math.Min(inLength, (int)(center + support + 0.5));
            double sum = 0;
            for (int j = 0; j < high - low; j++)
                sum += exact[j] = Evaluate(filter, (j + low - center + 0.5) * inverse);
            for (int j = 0; j < high - low; j++)
                weights[i * maxCount + j] = Quantise(sum != 0 ? exact[j] / sum : exact[j]);
            (starts[i], counts[i]) = (low, Math.Max(0, high - low));
        }
        return new ResampleAxis(inLength, starts, counts, weights, maxCount);
    }

    /// <summary>Nearest neighbour as single taps of weight 1. The position is accumulated in double, as Pillow does, which differs from a product.</summary>
    private static ResampleAxis CreateNearest(int inLength, float from, float to, int outLength)
    {
        int[] starts = new int[outLength], counts = new int[outLength], weights = new int[outLength];
        double step = (double)(to - from) / outLength;
        double position = from + step * 0.5;
        for (int i = 0; i < outLength; i++, position += step)
            (starts[i], counts[i], weights[i]) = (Math.Clamp((int)position, 0, inLength - 1), 1, 1 << PrecisionBits);
        return new ResampleAxis(inLength, starts, counts, weights, 1);
    }

    /// <summary>Rounds half away from zero.</summary>
    private static int Quantise(double weight)
    {
        const double one = 1 << PrecisionBits;
        return weight < 0 ? (int)(weight * one - 0.5) : (int)(weight * one + 0.5);
    }

    internal static double SupportOf(ResampleFilter filter) => filter switch
    {
        ResampleFilter.Box => 0.5,
        ResampleFilter.Bilinear or ResampleFilter.Hamming => 1,
        ResampleFilter.Bicubic => 2,
        _ => 3,
    };

    internal static double Evaluate(ResampleFilter filter, double x)
    {
        const double a = -0.5;
        switch (filter)
        {
            case ResampleFilter.Box:
                return x is > -0.5 and <= 0.5 ? 1 : 0;
            case ResampleFilter.Bilinear:
                x = Math.Abs(x);
                return x < 1 ? 1 - x : 0;
            case ResampleFilter.Hamming:
                x = Math.Abs(x);
                if (x == 0) return 1;
                if (x >= 1) return 0;
                x *= Math.PI;
                return Math.Sin(x) / x * (0.54f + 0.46f * Math.Cos(x));   // float32 constants in Pillow's source
            case ResampleFilter.Bicubic:
                x = Math.Abs(x);
                if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
                return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
            default:
                return x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0;
        }
    }

    private static double Sinc(double x)
    {
        if (x == 0) return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
