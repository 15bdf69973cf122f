using static System.Buffers.Binary.BinaryPrimitives;

namespace MmKernels.Data;

/// <summary>Blocks whose nibbles index a table of 16 values: IQ4_NL, IQ4_XS, MXFP4, NVFP4.</summary>
internal static class TableBlocks
{
    private static readonly sbyte[] nonLinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Twice the values of a 4-bit float (OCP Microscaling Formats 1.0, E2M1).</summary>
    private static readonly sbyte[] fp4 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>d, q[16]: 32 elements.</summary>
    public static void Iq4Nl(ReadOnlySpan<byte> block, Span<float> y) => Put(y, (float)ReadHalfLittleEndian(block), nonLinear, block.Slice(2, 16));

    /// <summary>d, high bits of the scales (16), low nibbles of the scales[4], q[128]: 256 elements, a scale per 32.</summary>
    public static void Iq4Xs(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = (float)ReadHalfLittleEndian(block);
        int high = ReadUInt16LittleEndian(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            int scale = block[4 + group / 2] >> (group % 2 * 4) & 15 | (high >> (2 * group) & 3) << 4;
            Put(y.Slice(group * 32, 32), d * (scale - 32), nonLinear, block.Slice(8 + group * 16, 16));
        }
    }

    /// <summary>Exponent of a power of two, q[16]: 32 elements.</summary>
    public static void Mxfp4(ReadOnlySpan<byte> block, Span<float> y) => Put(y, MathF.ScaleB(1f, block[0] - 128), fp4, block.Slice(1, 16));

    /// <summary>scales[4] (8-bit floats without sign), q[32]: 64 elements, a scale per 16.</summary>
    public static void Nvfp4(ReadOnlySpan<byte> block, Span<float> y)
    {
        for (int group = 0; group < 4; group++) Put(y.Slice(group * 16, 16), 0.5f * UnsignedE4M3(block[group]), fp4, block.Slice(4 + group * 8, 8));
    }

    private static float UnsignedE4M3(byte bits)
    {
        int exponent = bits >> 3 & 15, mantissa = bits & 7;
        if (bits == 0x7F) return 0;                     // the format's NaN counts as zero in ggml
        return exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(8 + mantissa, exponent - 10);
    }

    private static void Put(Span<float> y, float scale, sbyte[] table, ReadOnlySpan<byte> q)
    {
        for (int i = 0; i < q.Length; i++)
        {
            y[i] = scale * table[q[i] & 15];
            y[i + q.Length] = scale * table[q[i] >> 4];
        }
    }
}
