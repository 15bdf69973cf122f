using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MmKernels.Data.Images;

/// <summary>
/// The horizontal pass by vectors. The taps of an output pixel are neighbours in memory, so the weights are spread over the channels once
/// (w0 w0 w0 w1 w1 w1 … for RGB) and 24 bytes at a time are multiplied with them: 24 is a multiple of 1, 2, 3 and 4 channels, so that every lane
/// of the three sums always belongs to the same channel. With few taps a pixel of three or four channels is one vector of four sums instead.
/// </summary>
internal sealed class HorizontalPass
{
    private const int Step = 24;

    /// <summary>Up to here adding up the 24 lanes costs more than it saves.</summary>
    private const int FewTaps = 16;

    private readonly ResampleAxis axis;
    private readonly int channels;
    private readonly bool narrow;
    private readonly int[] spread = [];
    private readonly int spreadLength;

    public HorizontalPass(ResampleAxis axis, int channels)
    {
        (this.axis, this.channels) = (axis, channels);
        narrow = channels >= 3 && axis.MaxCount <= FewTaps;
        if (narrow) return;
        spreadLength = (axis.MaxCount * channels + Step - 1) / Step * Step;
        long size = (long)spreadLength * axis.OutLength;
        const long maxSize = 1 << 23;   // pictures of extreme sides go by the plain formula
        spread = size <= maxSize ? new int[size] : [];
        if (spread.Length == 0) return;
        for (int x = 0; x < axis.OutLength; x++)
            for (int j = 0; j < axis.Counts[x]; j++)
                spread.AsSpan(x * spreadLength + j * channels, channels).Fill(axis.Weights[x * axis.MaxCount + j]);
    }

    /// <summary>Resamples one row. <paramref name="source"/> begins with the row and may go on behind it: what is read there meets weights of zero.</summary>
    public void Run(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (narrow)
        {
            RunNarrow(source, target);
            return;
        }
        if (spread.Length == 0)
        {
            ResampleRows.Horizontal(axis, source, target, channels);
            return;
        }
        Span<int> lanes = stackalloc int[Step];
        for (int x = 0; x < axis.OutLength; x++)
        {
            int start = axis.Starts[x] * channels, length = (axis.Counts[x] * channels + Step - 1) / Step * Step;
            if (start + length > source.Length)
            {
                ResampleRows.HorizontalPixel(axis, x, source, target, channels);
                continue;
            }
            MultiplyAdd(source.Slice(start, length), spread.AsSpan(x * spreadLength, length), lanes);
            StorePixel(lanes, target.Slice(x * channels, channels));
        }
    }

    private void RunNarrow(ReadOnlySpan<byte> source, Span<byte> target)
    {
        const int half = 1 << (ResampleAxis.PrecisionBits - 1);
        Vector128<byte> firstBytes = Vector128.Create((byte)0, 4, 8, 12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
        for (int x = 0, o = 0; x < axis.OutLength; x++, o += channels)
        {
            int start = axis.Starts[x] * channels, count = axis.Counts[x];
            // Pixels of three bytes are read and written as four.
            if (start + count * channels + 1 > source.Length || o + 4 > target.Length)
            {
                ResampleRows.HorizontalPixel(axis, x, source, target, channels);
                continue;
            }
            ref byte bytes = ref MemoryMarshal.GetReference(source[start..]);
            ReadOnlySpan<int> weights = axis.Weights.AsSpan(x * axis.MaxCount, count);
            Vector128<int> sums = Vector128.Create(half);
            for (int j = 0, at = 0; j < weights.Length; j++, at += channels) sums += WidenFour(ref bytes, at) * Vector128.Create(weights[j]);
            sums = Vector128.Min(Vector128.Max(sums >> ResampleAxis.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
            MemoryMarshal.Write(target[o..], Vector128.Shuffle(sums.AsByte(), firstBytes).AsUInt32().ToScalar());
        }
    }

    private static Vector128<int> WidenFour(ref byte start, int offset)
    {
        uint four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, offset));
        Vector128<byte> packed = Vector128.CreateScalarUnsafe(four).AsByte();
        return Sse41.IsSupported ? Sse41.ConvertToVector128Int32(packed) : Vector128.WidenLower(Vector128.WidenLower(packed)).AsInt32();
    }

    private static void MultiplyAdd(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<int> lanes)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(source);
        ref int factors = ref MemoryMarshal.GetReference(weights);
        Vector256<int> a = Vector256<int>.Zero, b = a, c = a;
        for (nuint i = 0; i < (nuint)source.Length; i += Step)
        {
            a += WidenEight(ref bytes, i) * Vector256.LoadUnsafe(ref factors, i);
            b += WidenEight(ref bytes, i + 8) * Vector256.LoadUnsafe(ref factors, i + 8);
            c += WidenEight(ref bytes, i + 16) * Vector256.LoadUnsafe(ref factors, i + 16);
        }
        a.CopyTo(lanes);
        b.CopyTo(lanes[8..]);
        c.CopyTo(lanes[16..]);
    }

    private static void StorePixel(ReadOnlySpan<int> lanes, Span<byte> pixel)
    {
        const int half = 1 << (ResampleAxis.PrecisionBits - 1);
        if (pixel.Length == 3)
        {
            int red = half, green = half, blue = half;
            for (int i = 0; i < Step; i += 3) (red, green, blue) = (red + lanes[i], green + lanes[i + 1], blue + lanes[i + 2]);
            (pixel[0], pixel[1], pixel[2]) = (ResampleRows.Clamp(red), ResampleRows.Clamp(green), ResampleRows.Clamp(blue));
            return;
        }
        for (int c = 0; c < pixel.Length; c++)
        {
            int sum = half;
            for (int i = c; i < Step; i += pixel.Length) sum += lanes[i];
            pixel[c] = ResampleRows.Clamp(sum);
        }
    }

    private static Vector256<int> WidenEight(ref byte start, nuint offset)
    {
        ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));
        Vector128<byte> packed = Vector128.CreateScalarUnsafe(eight).AsByte();
        if (Avx2.IsSupported) return Avx2.ConvertToVector256Int32(packed);
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.WidenLower(packed));
        return Vector256.Create(low, high).AsInt32();
    }
}
