using System.Numerics;

namespace MmKernels.Data.Images;

/// <summary>The inner loops of resampling: one output row of either pass.</summary>
internal static class ResampleRows
{
    private const int Half = 1 << (ResampleAxis.PrecisionBits - 1);

    /// <summary>One row by the plain formula; for what the vector form leaves over.</summary>
    public static void Horizontal(ResampleAxis axis, ReadOnlySpan<byte> source, Span<byte> target, int channels)
    {
        for (int x = 0; x < axis.OutLength; x++) HorizontalPixel(axis, x, source, target, channels);
    }

    public static void HorizontalPixel(ResampleAxis axis, int x, ReadOnlySpan<byte> source, Span<byte> target, int channels)
    {
        ReadOnlySpan<int> weights = axis.Weights.AsSpan(x * axis.MaxCount, axis.Counts[x]);
        int start = axis.Starts[x] * channels;
        for (int c = 0; c < channels; c++)
        {
            int sum = Half;
            for (int j = 0, i = start + c; j < weights.Length; j++, i += channels) sum += source[i] * weights[j];
            target[x * channels + c] = Clamp(sum);
        }
    }

    /// <summary>target[i] = Σ_j weights[j] · source[j · stride + i].</summary>
    public static void Vertical(ReadOnlySpan<int> weights, ReadOnlySpan<byte> source, int stride, Span<byte> target)
    {
        int i = 0;
        int lanes = Vector<byte>.Count;
        for (; i <= stride - lanes; i += lanes) VerticalVector(weights, source[i..], stride, target[i..]);
        for (; i < stride; i++)
        {
            int sum = Half;
            for (int j = 0; j < weights.Length; j++) sum += source[j * stride + i] * weights[j];
            target[i] = Clamp(sum);
        }
    }

    private static void VerticalVector(ReadOnlySpan<int> weights, ReadOnlySpan<byte> source, int stride, Span<byte> target)
    {
        Vector<int> a = new(Half), b = a, c = a, d = a;
        for (int j = 0; j < weights.Length; j++)
        {
            Vector.Widen(new Vector<byte>(source[(j * stride)..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> low0, out Vector<uint> low1);
            Vector.Widen(high, out Vector<uint> high0, out Vector<uint> high1);
            var weight = new Vector<int>(weights[j]);
            a += Vector.AsVectorInt32(low0) * weight;
            b += Vector.AsVectorInt32(low1) * weight;
            c += Vector.AsVectorInt32(high0) * weight;
            d += Vector.AsVectorInt32(high1) * weight;
        }
        Vector<ushort> first = Vector.Narrow(ClampToBytes(a), ClampToBytes(b)), second = Vector.Narrow(ClampToBytes(c), ClampToBytes(d));
        Vector.Narrow(first, second).CopyTo(target);
    }

    private static Vector<uint> ClampToBytes(Vector<int> sums)
        => Vector.AsVectorUInt32(Vector.Max(Vector<int>.Zero, Vector.Min(new Vector<int>(255), sums >> ResampleAxis.PrecisionBits)));

    public static byte Clamp(int sum) => (byte)Math.Clamp(sum >> ResampleAxis.PrecisionBits, 0, 255);
}
