using static System.Buffers.Binary.BinaryPrimitives;

namespace MmKernels.Data;

/// <summary>Blocks of 32 elements with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0. Low nibbles are elements 0..15, high nibbles 16..31.</summary>
internal static class LegacyBlocks
{
    /// <summary>d·(q - 8).</summary>
    public static void Q4_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        ReadOnlySpan<byte> q = block.Slice(2, 16);
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * ((q[i] & 15) - 8);
            y[i + 16] = d * ((q[i] >> 4) - 8);
        }
    }

    /// <summary>d·q + m.</summary>
    public static void Q4_1(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block), m = (float)ReadHalfLittleEndian(block[2..]);
        ReadOnlySpan<byte> q = block.Slice(4, 16);
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * (q[i] & 15) + m;
            y[i + 16] = d * (q[i] >> 4) + m;
        }
    }

    /// <summary>d·(q - 16), the fifth bits of all elements in one word.</summary>
    public static void Q5_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        uint high = ReadUInt32LittleEndian(block[2..]);
        ReadOnlySpan<byte> q = block.Slice(6, 16);
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * ((q[i] & 15 | (int)(high >> i & 1) << 4) - 16);
            y[i + 16] = d * ((q[i] >> 4 | (int)(high >> (i + 16) & 1) << 4) - 16);
        }
    }

    /// <summary>d·q + m, the fifth bits of all elements in one word.</summary>
    public static void Q5_1(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block), m = (float)ReadHalfLittleEndian(block[2..]);
        uint high = ReadUInt32LittleEndian(block[4..]);
        ReadOnlySpan<byte> q = block.Slice(8, 16);
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * (q[i] & 15 | (int)(high >> i & 1) << 4) + m;
            y[i + 16] = d * (q[i] >> 4 | (int)(high >> (i + 16) & 1) << 4) + m;
        }
    }

    /// <summary>d·q.</summary>
    public static void Q8_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 32; i++) y[i] = d * (sbyte)block[2 + i];
    }
}
