using System.Buffers.Binary;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>The quantisation and Huffman tables that a file has defined so far.</summary>
internal sealed class JpegTables(string name)
{
    private readonly int[]?[] quantisers = new int[4][];

    public JpegHuffman?[] Dc { get; } = new JpegHuffman?[4];

    public JpegHuffman?[] Ac { get; } = new JpegHuffman?[4];

    /// <summary>The values of a quantisation table in natural order.</summary>
    public int[] Quantiser(int id) => quantisers[id] ?? throw ImageErrors.Damaged(name, "JPEG", $"the quantisation table {id} is missing");

    /// <summary>DQT: one or more tables of 8 or 16 bits.</summary>
    public void ReadQuantisers(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int wide = segment[0] >> 4, id = segment[0] & 15, bytes = 1 + 64 * (wide + 1);
            if (wide > 1 || id > 3 || segment.Length < bytes) throw ImageErrors.Damaged(name, "JPEG", $"a quantisation table (id {id}, {segment.Length} bytes) is impossible");
            var values = new int[64];
            for (int i = 0; i < 64; i++)
            {
                int value = wide == 0 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * i)..]);
                values[JpegZigzag.Natural[i]] = value;
            }
            quantisers[id] = values;
            segment = segment[bytes..];
        }
    }

    /// <summary>DHT: one or more tables.</summary>
    public void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int kind = segment[0] >> 4, id = segment[0] & 15, count = 0;
            if (segment.Length < 17) throw ImageErrors.Damaged(name, "JPEG", $"a Huffman table has {segment.Length} bytes");
            foreach (byte one in segment.Slice(1, 16)) count += one;
            if (kind > 1 || id > 3 || count > 256 || segment.Length < 17 + count)
                throw ImageErrors.Damaged(name, "JPEG", $"a Huffman table (class {kind}, id {id}, {count} symbols) is impossible");
            JpegHuffman table = JpegHuffman.Create(segment.Slice(1, 16), segment.Slice(17, count))
                ?? throw ImageErrors.Damaged(name, "JPEG", $"the Huffman table {id} has more codes than fit");
            (kind == 0 ? Dc : Ac)[id] = table;
            segment = segment[(17 + count)..];
        }
    }

    /// <summary>Files without tables (frames of Motion JPEG) mean the standard ones.</summary>
    public void FillStandard()
    {
        for (int id = 0; id < 2; id++)
        {
            Dc[id] ??= JpegStandardTables.Dc(id);
            Ac[id] ??= JpegStandardTables.Ac(id);
        }
    }
}
