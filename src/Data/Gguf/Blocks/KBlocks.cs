using static System.Buffers.Binary.BinaryPrimitives;

namespace MmKernels.Data;

/// <summary>
/// Blocks of 256 elements whose groups of 16 or 32 have quantised scales (and minima) of their own: Q2_K to Q6_K.
/// In Q2_K, Q3_K and Q6_K, element e of a half of 128 shares its byte with the elements e ± 32.
/// </summary>
internal static class KBlocks
{
    /// <summary>scales[16] (low nibble scale, high nibble minimum), q[64], d, dmin.</summary>
    public static void Q2_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> scales = block[..16], q = block.Slice(16, 64);
        float d = (float)ReadHalfLittleEndian(block[80..]), min = (float)ReadHalfLittleEndian(block[82..]);
        for (int group = 0; group < 16; group++)
        {
            float scale = d * (scales[group] & 15), offset = min * (scales[group] >> 4);
            (int from, int shift) = Place(group);
            for (int i = 0; i < 16; i++) y[group * 16 + i] = scale * (q[from + i] >> shift & 3) - offset;
        }
    }

    /// <summary>high[32], q[64], scales[12] of 6 bits, d.</summary>
    public static void Q3_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> high = block[..32], q = block.Slice(32, 64), scales = block.Slice(96, 12);
        float d = (float)ReadHalfLittleEndian(block[108..]);
        for (int group = 0; group < 16; group++)
        {
            int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
            float scale = d * ((low | (scales[8 + group % 4] >> (2 * (group / 4)) & 3) << 4) - 32);
            (int from, int shift) = Place(group);
            for (int i = 0; i < 16; i++)
            {
                int bit = high[from % 32 + i] >> (group / 2) & 1;
                y[group * 16 + i] = scale * ((q[from + i] >> shift & 3) - 4 + 4 * bit);
            }
        }
    }

    /// <summary>d, dmin, scales and minima[12] of 6 bits, q[128].</summary>
    public static void Q4_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> scales = block.Slice(4, 12), q = block.Slice(16, 128);
        float d = (float)ReadHalfLittleEndian(block), min = (float)ReadHalfLittleEndian(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            (int scale, int offset) = ScaleAndMinimum(scales, group);
            float s = d * scale, m = min * offset;
            int from = group / 2 * 32, shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) y[group * 32 + i] = s * (q[from + i] >> shift & 15) - m;
        }
    }

    /// <summary>d, dmin, scales and minima[12] of 6 bits, high[32], q[128].</summary>
    public static void Q5_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> scales = block.Slice(4, 12), high = block.Slice(16, 32), q = block.Slice(48, 128);
        float d = (float)ReadHalfLittleEndian(block), min = (float)ReadHalfLittleEndian(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            (int scale, int offset) = ScaleAndMinimum(scales, group);
            float s = d * scale, m = min * offset;
            int from = group / 2 * 32, shift = group % 2 * 4;
            for (int i = 0; i < 32; i++) y[group * 32 + i] = s * (q[from + i] >> shift & 15 | (high[i] >> group & 1) << 4) - m;
        }
    }

    /// <summary>low[128] (nibbles), high[64] (pairs of bits), scales[16] (signed bytes), d.</summary>
    public static void Q6_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> low = block[..128], high = block.Slice(128, 64), scales = block.Slice(192, 16);
        float d = (float)ReadHalfLittleEndian(block[208..]);
        for (int group = 0; group < 16; group++)
        {
            float scale = d * (sbyte)scales[group];
            (int from, int shift) = Place(group);
            int lowFrom = group / 8 * 64 + group % 4 * 16, nibble = group % 8 / 4 * 4;
            for (int i = 0; i < 16; i++) y[group * 16 + i] = scale * ((low[lowFrom + i] >> nibble & 15 | (high[from + i] >> shift & 3) << 4) - 32);
        }
    }

    /// <summary>Where the pairs of bits of a group of 16 lie: first byte and shift.</summary>
    private static (int From, int Shift) Place(int group) => (group / 8 * 32 + group % 2 * 16, group % 8 / 2 * 2);

    /// <summary>Eight scales and eight minima of 6 bits in 12 bytes: the first four of each are whole, the others are spread over nibbles and the first ones' top bits.</summary>
    private static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> packed, int group) => group < 4
        ? (packed[group] & 63, packed[group + 4] & 63)
        : (packed[group + 4] & 15 | packed[group - 4] >> 6 << 4, packed[group + 4] >> 4 | packed[group] >> 6 << 4);
}
