using static System.Buffers.Binary.BinaryPrimitives;

namespace MmKernels.Data;

/// <summary>Blocks of 256 elements that are -d, 0 or d: TQ1_0 and TQ2_0.</summary>
internal static class TernaryBlocks
{
    /// <summary>q[48] with five base-3 digits each, q[4] with four, d. A byte holds the digits as a fraction: times 3, the digit carries out of the top.</summary>
    public static void Tq1_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block[52..]);
        int at = Digits(block[..32], 5, d, y, 0);
        at = Digits(block.Slice(32, 16), 5, d, y, at);
        Digits(block.Slice(48, 4), 4, d, y, at);
    }

    /// <summary>q[64] with four pairs of bits each, d.</summary>
    public static void Tq2_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block[64..]);
        for (int i = 0; i < 256; i++) y[i] = d * ((block[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - 1);
    }

    private static int Digits(ReadOnlySpan<byte> q, int digits, float d, Span<float> y, int at)
    {
        int power = 1;
        for (int digit = 0; digit < digits; digit++, power *= 3)
            foreach (byte packed in q) y[at++] = d * (((byte)(packed * power) * 3 >> 8) - 1);
        return at;
    }
}
