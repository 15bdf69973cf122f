using System.Buffers.Binary;

namespace MmKernels.Data.Images.Png;

/// <summary>The chunks of a PNG file that matter for the pixels, checked (order, length, CRC). Others are stepped over unread.</summary>
internal sealed class PngFile
{
    private readonly byte[] bytes;
    private readonly string name;

    private PngFile(byte[] bytes, string name) => (this.bytes, this.name) = (bytes, name);

    public PngHeader Header { get; private set; }

    /// <summary>PLTE: R, G, B per entry; empty where there is none.</summary>
    public Range Palette { get; private set; }

    public Range Transparency { get; private set; }

    public Range Exif { get; private set; }

    /// <summary>Offset and length of the data of every IDAT chunk that is not empty.</summary>
    public List<(int Offset, int Length)> ImageData { get; } = [];

    public static PngFile Read(byte[] bytes, string name, ImageLimits limits)
    {
        var file = new PngFile(bytes, name);
        file.ReadChunks(limits);
        return file;
    }

    private void ReadChunks(ImageLimits limits)
    {
        int position = 8;
        bool header = false, inData = false, dataEnded = false, data = false;
        while (bytes.Length - position >= 12)   // a shorter rest is no chunk: what matters must have come before
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position));
            uint type = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position + 4));
            if (length > int.MaxValue || length > (uint)(bytes.Length - position - 12))
                throw ImageErrors.Truncated(name, "PNG", $"the chunk {Name(type)} at byte {position}, which declares {length} bytes");
            Range range = (position + 8)..(position + 8 + (int)length);
            bool isData = type == IDAT;
            if (!header && type != IHDR) throw ImageErrors.Damaged(name, "PNG", $"the first chunk is {Name(type)}, not IHDR");
            dataEnded |= inData && !isData;
            inData = isData;
            if (type == IEND) break;
            if (type is IHDR or PLTE or TRNS or EXIF or IDAT) CheckCrc(position, (int)length, type);
            switch (type)
            {
                case IHDR:
                    if (header) throw ImageErrors.Damaged(name, "PNG", "IHDR appears twice");
                    Header = PngHeader.Read(bytes.AsSpan(range), name, limits);
                    header = true;
                    break;
                case IDAT:
                    if (dataEnded) throw ImageErrors.Damaged(name, "PNG", "the IDAT chunks are not consecutive");
                    data = true;
                    if (length > 0) ImageData.Add((range.Start.Value, (int)length));
                    break;
                case PLTE when !data:
                    if (length == 0 || length % 3 != 0 || length > 768) throw ImageErrors.Damaged(name, "PNG", $"PLTE has {length} bytes");
                    Palette = range;
                    break;
                case TRNS when !data:
                    Transparency = range;
                    break;
                case EXIF:
                    Exif = range;
                    break;
                case PLTE or TRNS:
                    break;
                default:
                    RequireKnown(type, position);
                    break;
            }
            position += 12 + (int)length;
        }
        if (!header) throw ImageErrors.Truncated(name, "PNG", "the header");
        RequireData(data, "the chunks before IDAT");
    }

    private void RequireData(bool data, string where)
    {
        if (!data) throw ImageErrors.Truncated(name, "PNG", where);
    }

    private void CheckCrc(int position, int length, uint type)
    {
        uint computed = Crc32.Of(bytes.AsSpan(position + 4, length + 4));
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position + 8 + length));
        if (computed != stored)
            throw ImageErrors.Damaged(name, "PNG", $"the checksum of {Name(type)} at byte {position} is {computed:x8}, the file says {stored:x8}");
    }

    private void RequireKnown(uint type, int position)
    {
        for (int shift = 0; shift < 32; shift += 8)
            if (!char.IsAsciiLetter((char)((type >> shift) & 255)))
                throw ImageErrors.Damaged(name, "PNG", $"the chunk type {type:x8} at byte {position} is not made of letters");
        if ((type >> 24 & 0x20) == 0) throw ImageErrors.Damaged(name, "PNG", $"the critical chunk {Name(type)} at byte {position} is unknown");
    }

    private static string Name(uint type)
    {
        Span<char> letters = stackalloc char[4];
        for (int i = 0; i < 4; i++)
        {
            char c = (char)((type >> (24 - 8 * i)) & 255);
            letters[i] = char.IsAsciiLetter(c) ? c : '?';
        }
        return new string(letters);
    }

    private const uint IHDR = 0x49484452, PLTE = 0x504c5445, IDAT = 0x49444154, IEND = 0x49454e44, TRNS = 0x74524e53, EXIF = 0x65584966;
}
