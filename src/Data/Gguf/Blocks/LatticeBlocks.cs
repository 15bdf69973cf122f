using System.Numerics;
using static System.Buffers.Binary.BinaryPrimitives;

namespace MmKernels.Data;

/// <summary>
/// Blocks of 256 elements that name points of a lattice, eight (or four) elements at a time: the IQ1, IQ2 and IQ3 formats.
/// Signs are bits, or 7 bits whose eighth makes their number even.
/// </summary>
internal static class LatticeBlocks
{
    private const float Iq1Delta = 0.125f;

    /// <summary>d, then per 32 elements: four points, four times 7 sign bits, 4 bits of scale.</summary>
    public static void Iq2Xxs(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int group = 0; group < 8; group++)
        {
            ReadOnlySpan<byte> points = block.Slice(2 + 8 * group, 4);
            uint word = ReadUInt32LittleEndian(block[(6 + 8 * group)..]);
            float scale = d * (0.5f + (word >> 28)) * 0.25f;
            for (int i = 0; i < 4; i++) Put(y[(group * 32 + i * 8)..], scale, Lattice.Iq2Xxs.AsSpan(points[i] * 8, 8), EvenSigns(word >> (7 * i)));
        }
    }

    /// <summary>d, points[32] (9 bits of point, 7 bits of sign), scales[8] (a nibble per 16 elements).</summary>
    public static void Iq2Xs(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 32; i++)
        {
            uint word = ReadUInt16LittleEndian(block[(2 + 2 * i)..]);
            float scale = d * (0.5f + Nibble(block[66..], i / 2)) * 0.25f;
            Put(y[(i * 8)..], scale, Lattice.Iq2Xs.AsSpan((int)(word & 511) * 8, 8), EvenSigns(word >> 9));
        }
    }

    /// <summary>d, points[32], signs[32], high[8] (two bits per point), scales[8] (a nibble per 16 elements).</summary>
    public static void Iq2S(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 32; i++)
        {
            int point = block[2 + i] | (block[66 + i / 4] >> (2 * (i % 4)) & 3) << 8;
            float scale = d * (0.5f + Nibble(block[74..], i / 2)) * 0.25f;
            Put(y[(i * 8)..], scale, Lattice.Iq2S.AsSpan(point * 8, 8), block[34 + i]);
        }
    }

    /// <summary>d, points[64] of four elements, then per 32 elements: four times 7 sign bits, 4 bits of scale.</summary>
    public static void Iq3Xxs(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 32; i++)
        {
            uint word = ReadUInt32LittleEndian(block[(66 + i / 4 * 4)..]);
            float scale = d * (0.5f + (word >> 28)) * 0.5f;
            uint signs = EvenSigns(word >> (7 * (i % 4)));
            Put(y[(i * 8)..], scale, Lattice.Iq3Xxs.AsSpan(block[2 + 2 * i] * 4, 4), signs);
            Put(y[(i * 8 + 4)..], scale, Lattice.Iq3Xxs.AsSpan(block[3 + 2 * i] * 4, 4), signs >> 4);
        }
    }

    /// <summary>d, points[64] of four elements, high[8] (a bit per point), signs[32], scales[4] (a nibble per 32 elements).</summary>
    public static void Iq3S(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 64; i++)
        {
            int point = block[2 + i] | (block[66 + i / 8] >> (i % 8) & 1) << 8;
            float scale = d * (1 + 2 * Nibble(block[106..], i / 8));
            Put(y[(i * 4)..], scale, Lattice.Iq3S.AsSpan(point * 4, 4), (uint)block[74 + i / 2] >> (i % 2 * 4));
        }
    }

    /// <summary>d, points[32], then per 32 elements: four times 3 high bits of point, 3 bits of scale, 1 bit of shift.</summary>
    public static void Iq1S(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        for (int i = 0; i < 32; i++)
        {
            int word = ReadUInt16LittleEndian(block[(34 + i / 4 * 2)..]);
            int point = block[2 + i] | (word >> (3 * (i % 4)) & 7) << 8;
            PutShifted(y[(i * 8)..], d * (2 * (word >> 12 & 7) + 1), point, negative: (word & 0x8000) != 0);
        }
    }

    /// <summary>points[32], high[16] (per point 3 bits and 1 bit of shift), scales[8] (3 bits per 16 elements; the top nibbles of its words make d).</summary>
    public static void Iq1M(ReadOnlySpan<byte> block, Span<float> y)
    {
        int bits = 0;
        for (int i = 0; i < 4; i++) bits |= ReadUInt16LittleEndian(block[(48 + 2 * i)..]) >> 12 << (4 * i);
        float d = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
        for (int i = 0; i < 32; i++)
        {
            int high = block[32 + i / 2] >> (i % 2 * 4);
            int scale = ReadUInt16LittleEndian(block[(48 + i / 8 * 2)..]) >> (i % 8 / 2 * 3) & 7;
            PutShifted(y[(i * 8)..], d * (2 * scale + 1), block[i] | (high & 7) << 8, negative: (high & 8) != 0);
        }
    }

    private static void Put(Span<float> y, float scale, ReadOnlySpan<sbyte> point, uint signs)
    {
        for (int j = 0; j < point.Length; j++) y[j] = (signs >> j & 1) == 0 ? scale * point[j] : -(scale * point[j]);
    }

    private static void PutShifted(Span<float> y, float scale, int point, bool negative)
    {
        float shift = negative ? -Iq1Delta : Iq1Delta;
        ReadOnlySpan<sbyte> values = Lattice.Iq1.AsSpan(point * 8, 8);
        for (int j = 0; j < 8; j++) y[j] = scale * (values[j] + shift);
    }

    private static uint EvenSigns(uint bits) => bits & 127 | (uint)(BitOperations.PopCount(bits & 127) & 1) << 7;

    private static int Nibble(ReadOnlySpan<byte> bytes, int index) => bytes[index / 2] >> (index % 2 * 4) & 15;
}
