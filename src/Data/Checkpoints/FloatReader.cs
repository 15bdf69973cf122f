using System.Runtime.InteropServices;

namespace MmKernels.Data;

/// <summary>Turns stored elements into floats: exact for what float can hold, rounded to nearest for F64 and large integers, dequantised for blocks.</summary>
internal static class FloatReader
{
    public delegate void BlockDecoder(ReadOnlySpan<byte> block, Span<float> values);

    /// <summary>The decoder of one block, or null for formats that have no float value (complex numbers, packed 6-bit floats).</summary>
    public static BlockDecoder? Decoder(TensorFormat format) => format switch
    {
        TensorFormat.F32 => static (x, y) => y[0] = MemoryMarshal.Read<float>(x),
        TensorFormat.F16 => static (x, y) => y[0] = (float)MemoryMarshal.Read<Half>(x),
        TensorFormat.BF16 => static (x, y) => y[0] = BitConverter.Int32BitsToSingle(MemoryMarshal.Read<ushort>(x) << 16),
        TensorFormat.F64 => static (x, y) => y[0] = (float)MemoryMarshal.Read<double>(x),
        TensorFormat.I8 => static (x, y) => y[0] = (sbyte)x[0],
        TensorFormat.I16 => static (x, y) => y[0] = MemoryMarshal.Read<short>(x),
        TensorFormat.I32 => static (x, y) => y[0] = MemoryMarshal.Read<int>(x),
        TensorFormat.I64 => static (x, y) => y[0] = MemoryMarshal.Read<long>(x),
        TensorFormat.U8 => static (x, y) => y[0] = x[0],
        TensorFormat.U16 => static (x, y) => y[0] = MemoryMarshal.Read<ushort>(x),
        TensorFormat.U32 => static (x, y) => y[0] = MemoryMarshal.Read<uint>(x),
        TensorFormat.U64 => static (x, y) => y[0] = MemoryMarshal.Read<ulong>(x),
        TensorFormat.Bool => static (x, y) => y[0] = x[0] == 0 ? 0 : 1,
        TensorFormat.F8E4M3 => static (x, y) => y[0] = Float8.E4M3(x[0]),
        TensorFormat.F8E5M2 => static (x, y) => y[0] = Float8.E5M2(x[0]),
        TensorFormat.F8E4M3Fnuz => static (x, y) => y[0] = Float8.E4M3Fnuz(x[0]),
        TensorFormat.F8E5M2Fnuz => static (x, y) => y[0] = Float8.E5M2Fnuz(x[0]),
        TensorFormat.F8E8M0 => static (x, y) => y[0] = Float8.E8M0(x[0]),
        TensorFormat.Q4_0 => LegacyBlocks.Q4_0,
        TensorFormat.Q4_1 => LegacyBlocks.Q4_1,
        TensorFormat.Q5_0 => LegacyBlocks.Q5_0,
        TensorFormat.Q5_1 => LegacyBlocks.Q5_1,
        TensorFormat.Q8_0 => LegacyBlocks.Q8_0,
        TensorFormat.Q2_K => KBlocks.Q2_K,
        TensorFormat.Q3_K => KBlocks.Q3_K,
        TensorFormat.Q4_K => KBlocks.Q4_K,
        TensorFormat.Q5_K => KBlocks.Q5_K,
        TensorFormat.Q6_K => KBlocks.Q6_K,
        TensorFormat.IQ1_S => LatticeBlocks.Iq1S,
        TensorFormat.IQ1_M => LatticeBlocks.Iq1M,
        TensorFormat.IQ2_XXS => LatticeBlocks.Iq2Xxs,
        TensorFormat.IQ2_XS => LatticeBlocks.Iq2Xs,
        TensorFormat.IQ2_S => LatticeBlocks.Iq2S,
        TensorFormat.IQ3_XXS => LatticeBlocks.Iq3Xxs,
        TensorFormat.IQ3_S => LatticeBlocks.Iq3S,
        TensorFormat.IQ4_NL => TableBlocks.Iq4Nl,
        TensorFormat.IQ4_XS => TableBlocks.Iq4Xs,
        TensorFormat.MXFP4 => TableBlocks.Mxfp4,
        TensorFormat.NVFP4 => TableBlocks.Nvfp4,
        TensorFormat.TQ1_0 => TernaryBlocks.Tq1_0,
        TensorFormat.TQ2_0 => TernaryBlocks.Tq2_0,
        _ => null,
    };

    /// <summary>Decodes whole blocks; the formats of most weights have loops of their own.</summary>
    public static void Read(TensorFormat format, BlockDecoder decoder, ReadOnlySpan<byte> blocks, Span<float> values)
    {
        switch (format)
        {
            case TensorFormat.F32:
                blocks.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case TensorFormat.F16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(blocks);
                for (int i = 0; i < values.Length; i++) values[i] = (float)halves[i];
                break;
            case TensorFormat.BF16:
                ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(blocks);
                for (int i = 0; i < values.Length; i++) values[i] = BitConverter.Int32BitsToSingle(words[i] << 16);
                break;
            default:
                int elements = format.BlockElements(), bytes = format.BlockBits() / 8;
                for (int i = 0, at = 0; i < values.Length; i += elements, at += bytes) decoder(blocks.Slice(at, bytes), values.Slice(i, elements));
                break;
        }
    }
}
