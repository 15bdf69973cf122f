using System.Numerics;
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
                HalfToSingle(MemoryMarshal.Cast<byte, ushort>(blocks), values);
                break;
            case TensorFormat.BF16:
                ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(blocks);
                for (int i = 0; i < values.Length; i++) values[i] = BitConverter.Int32BitsToSingle(words[i] << 16);
                break;
            case TensorFormat.F8E4M3 or TensorFormat.F8E5M2 or TensorFormat.F8E4M3Fnuz or TensorFormat.F8E5M2Fnuz or TensorFormat.F8E8M0:
                Span<float> table = stackalloc float[256];
                for (int i = 0; i < 256; i++) decoder([(byte)i], table.Slice(i, 1));
                for (int i = 0; i < values.Length; i++) values[i] = table[blocks[i]];
                break;
            default:
                int elements = format.BlockElements(), bytes = format.BlockBits() / 8;
                for (int i = 0, at = 0; i < values.Length; i += elements, at += bytes) decoder(blocks.Slice(at, bytes), values.Slice(i, elements));
                break;
        }
    }

    /// <summary>The bits of a half, moved to where a float has them, are the value times 2^-112, denormals included; only infinities and NaN need a further step.</summary>
    private static void HalfToSingle(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        int i = 0;
        for (; i <= halves.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(halves[i..]), out Vector<uint> low, out Vector<uint> high);
            Convert(low).CopyTo(values[i..]);
            Convert(high).CopyTo(values[(i + Vector<uint>.Count)..]);
        }
        for (; i < halves.Length; i++) values[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);

        static Vector<float> Convert(Vector<uint> half)
        {
            Vector<uint> sign = (half & new Vector<uint>(0x8000)) << 16, magnitude = (half & new Vector<uint>(0x7FFF)) << 13;
            Vector<uint> special = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7C00 << 13)) & new Vector<uint>(0x7F800000);
            Vector<float> scaled = Vector.AsVectorSingle(magnitude) * new Vector<float>(MathF.ScaleB(1f, 112));
            return Vector.AsVectorSingle(Vector.AsVectorUInt32(scaled) | special | sign);
        }
    }
}
