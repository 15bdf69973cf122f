using System.Buffers.Binary;

namespace MmKernels.Data.Images.Bmp;

/// <summary>The headers of a BMP file, checked.</summary>
internal sealed record BmpHeader(int Width, int Height, bool TopDown, int BitsPerPixel, BmpCompression Compression, int PixelOffset, byte[] Palette, BmpMasks Masks)
{
    /// <summary>Bytes of a row, padded to four.</summary>
    public long RowBytes => ((long)Width * BitsPerPixel + 31) / 32 * 4;

    public static BmpHeader Read(ReadOnlySpan<byte> bytes, string name, ImageLimits limits)
    {
        if (bytes.Length < 18) throw ImageErrors.Truncated(name, "BMP", "the header");
        uint offset = U32(bytes, 10), infoBytes = U32(bytes, 14);
        if (infoBytes is not (12 or 40 or 52 or 56 or 64 or 108 or 124)) throw ImageErrors.Damaged(name, "BMP", $"the information header has {infoBytes} bytes");
        int end = 14 + (int)infoBytes;
        if (bytes.Length < end) throw ImageErrors.Truncated(name, "BMP", "the header");
        bool core = infoBytes == 12;
        long width = core ? U16(bytes, 18) : (int)U32(bytes, 18), height = core ? U16(bytes, 20) : (int)U32(bytes, 22);
        int depth = core ? U16(bytes, 24) : U16(bytes, 28);
        uint compression = core ? 0 : U32(bytes, 30), colours = core ? 0 : U32(bytes, 46);

        bool topDown = height < 0;
        height = Math.Abs(height);
        if (width < 1 || height < 1) throw ImageErrors.Damaged(name, "BMP", $"the size is {width} x {height}");
        if (width > limits.MaxPixels / height) throw ImageErrors.TooLarge(name, width, height, limits);
        if (depth is not (1 or 4 or 8 or 16 or 24 or 32)) throw ImageErrors.Damaged(name, "BMP", $"{depth} bits a pixel do not exist");
        bool allowed = (BmpCompression)compression switch
        {
            BmpCompression.None => true,
            BmpCompression.Rle8 => depth == 8 && !topDown,
            BmpCompression.Rle4 => depth == 4 && !topDown,
            BmpCompression.BitFields => depth is 16 or 32,
            _ => false,
        };
        if (!allowed) throw ImageErrors.Damaged(name, "BMP", $"the compression {compression} with {depth} bits a pixel does not exist");

        BmpMasks masks = BmpMasks.Default(depth);
        if ((BmpCompression)compression == BmpCompression.BitFields)
        {
            bool alpha = infoBytes >= 56;
            if (bytes.Length < 54 + (alpha ? 16 : 12)) throw ImageErrors.Truncated(name, "BMP", "the bit masks");
            masks = new BmpMasks(U32(bytes, 54), U32(bytes, 58), U32(bytes, 62), alpha ? U32(bytes, 66) : 0);
            masks.Check(depth, name);
            if (infoBytes == 40) end += 12;
        }
        byte[] palette = depth <= 8 ? ReadPalette(bytes, ref end, colours, depth, core ? 3 : 4, name) : [];
        if (offset < end || offset > bytes.Length) throw ImageErrors.Damaged(name, "BMP", $"the pixels are said to begin at byte {offset}; the headers end at {end}, the file at {bytes.Length}");
        return new BmpHeader((int)width, (int)height, topDown, depth, (BmpCompression)compression, (int)offset, palette, masks);
    }

    /// <summary>The palette as R, G, B, A.</summary>
    private static byte[] ReadPalette(ReadOnlySpan<byte> bytes, ref int end, uint colours, int depth, int entryBytes, string name)
    {
        int most = 1 << depth;
        if (colours > most) throw ImageErrors.Damaged(name, "BMP", $"the palette has {colours} colours with {depth} bits a pixel");
        int count = colours == 0 ? most : (int)colours;
        if (bytes.Length - end < count * entryBytes) throw ImageErrors.Truncated(name, "BMP", "the palette");
        var palette = new byte[count * 4];
        for (int i = 0; i < count; i++, end += entryBytes)
            (palette[4 * i], palette[4 * i + 1], palette[4 * i + 2], palette[4 * i + 3]) = (bytes[end + 2], bytes[end + 1], bytes[end], 255);
        return palette;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
