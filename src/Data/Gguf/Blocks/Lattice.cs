using System.Buffers.Binary;

namespace MmKernels.Data;

/// <summary>
/// The points of the lattices that the IQ formats index: constants of the formats as ggml (MIT, the ggml authors) defines them, packed in grids.bin,
/// 16 bits per point: eight codes of 2 bits, or four codes of 4 bits.
/// </summary>
internal static class Lattice
{
    private static readonly byte[] packed = Load();

    private static readonly sbyte[] iq2Values = [8, 25, 43];

    /// <summary>256 points of 8 elements.</summary>
    public static readonly sbyte[] Iq2Xxs = Unpack(0, 256, 8, iq2Values);

    /// <summary>512 points of 8 elements.</summary>
    public static readonly sbyte[] Iq2Xs = Unpack(256, 512, 8, iq2Values);

    /// <summary>1024 points of 8 elements.</summary>
    public static readonly sbyte[] Iq2S = Unpack(768, 1024, 8, iq2Values);

    /// <summary>2048 points of 8 elements, of IQ1_S and IQ1_M.</summary>
    public static readonly sbyte[] Iq1 = Unpack(1792, 2048, 8, [-1, 0, 1]);

    /// <summary>256 points of 4 elements.</summary>
    public static readonly sbyte[] Iq3Xxs = Unpack(3840, 256, 4, [4, 12, 20, 28, 36, 44, 52, 62]);

    /// <summary>512 points of 4 elements.</summary>
    public static readonly sbyte[] Iq3S = Unpack(4096, 512, 4, [1, 3, 5, 7, 9, 11, 13, 15]);

    private static sbyte[] Unpack(int first, int points, int elements, sbyte[] values)
    {
        var unpacked = new sbyte[points * elements];
        int bits = 16 / elements;
        for (int i = 0; i < unpacked.Length; i++)
        {
            int point = BinaryPrimitives.ReadUInt16LittleEndian(packed.AsSpan((first + i / elements) * 2));
            unpacked[i] = values[point >> (i % elements * bits) & ((1 << bits) - 1)];
        }
        return unpacked;
    }

    private static byte[] Load()
    {
        using Stream resource = typeof(Lattice).Assembly.GetManifestResourceStream("MmKernels.Data.Gguf.grids.bin")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
