using System.Buffers.Binary;

namespace MmKernels.Data.Images.Gif;

/// <summary>Decodes the first frame of a GIF (87a, 89a), composed on its screen.</summary>
internal sealed class GifDecoder
{
    private readonly byte[] bytes;
    private readonly string name;
    private readonly ImageLimits limits;
    private int position;
    private int transparent = -1;

    private GifDecoder(byte[] bytes, string name, ImageLimits limits) => (this.bytes, this.name, this.limits) = (bytes, name, limits);

    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8);

    public static Image Decode(byte[] bytes, string name, ImageLimits limits) => new GifDecoder(bytes, name, limits).Decode();

    private Image Decode()
    {
        ReadOnlySpan<byte> screen = Take(13, "the header");
        int screenWidth = U16(screen, 6), screenHeight = U16(screen, 8);
        byte[] palette = ReadPalette(screen[10]);
        while (true)
        {
            byte kind = Take(1, "the blocks before the first frame")[0];
            if (kind == (byte)',') return ReadFrame(screenWidth, screenHeight, palette);
            if (kind == (byte)';') throw ImageErrors.Damaged(name, "GIF", "there is no frame");
            if (kind != (byte)'!') throw ImageErrors.Damaged(name, "GIF", $"the block {kind:x2} at byte {position - 1} does not exist");
            ReadExtension();
        }
    }

    private Image ReadFrame(int screenWidth, int screenHeight, byte[] screenPalette)
    {
        ReadOnlySpan<byte> descriptor = Take(9, "the frame's header");
        int left = U16(descriptor, 0), top = U16(descriptor, 2), width = U16(descriptor, 4), height = U16(descriptor, 6), flags = descriptor[8];
        if (width == 0 || height == 0) throw ImageErrors.Damaged(name, "GIF", $"the frame is {width} x {height}");
        // The screen grows to the frame, as in Pillow.
        int canvasWidth = Math.Max(screenWidth, left + width), canvasHeight = Math.Max(screenHeight, top + height);
        if ((long)canvasWidth * canvasHeight > limits.MaxPixels) throw ImageErrors.TooLarge(name, canvasWidth, canvasHeight, limits);
        byte[] palette = ReadPalette(flags);
        if (palette.Length == 0) palette = screenPalette;

        int codeBits = Take(1, "the frame's data")[0];
        if (codeBits is < 1 or > 8) throw ImageErrors.Damaged(name, "GIF", $"the code size is {codeBits} bits");
        byte[] codes = ReadSubBlocks();
        // One code of at least two bits makes 4094 pixels at most.
        if ((long)width * height > codes.Length * 4L * 4096) throw ImageErrors.Truncated(name, "GIF", $"the frame's data: {codes.Length} bytes cannot hold {width} x {height} pixels");
        byte[] canvas = Image.Allocate(name, canvasWidth, canvasHeight, 1);
        if (transparent > 0) canvas.AsSpan().Fill((byte)transparent);
        var rows = new GifRows(canvas, canvasWidth, left, top, width, height, interlaced: (flags & 0x40) != 0);
        if (!GifLzw.Decode(codes, codeBits, rows)) throw ImageErrors.Damaged(name, "GIF", $"the frame's data is broken or ends early, in row {rows.Filled / width} of {height}");
        if (palette.Length == 0) return new Image(canvasWidth, canvasHeight, PixelMode.Gray, canvas);
        if (transparent >= 0 && 4 * transparent + 3 < palette.Length) palette[4 * transparent + 3] = 0;
        return new Image(canvasWidth, canvasHeight, PixelMode.Palette, canvas, palette);
    }

    /// <summary>A colour table as R, G, B, A, if the flags say that one follows.</summary>
    private byte[] ReadPalette(int flags)
    {
        if ((flags & 0x80) == 0) return [];
        int count = 2 << (flags & 7);
        ReadOnlySpan<byte> entries = Take(3 * count, "a colour table");
        var palette = new byte[4 * count];
        for (int i = 0; i < count; i++)
            (palette[4 * i], palette[4 * i + 1], palette[4 * i + 2], palette[4 * i + 3]) = (entries[3 * i], entries[3 * i + 1], entries[3 * i + 2], 255);
        return palette;
    }

    /// <summary>Of the extensions only the graphic control one matters: it names the transparent index.</summary>
    private void ReadExtension()
    {
        const byte graphicControl = 0xf9;
        byte label = Take(1, "an extension")[0];
        bool first = true;
        for (int length; (length = Take(1, "an extension")[0]) > 0; first = false)
        {
            ReadOnlySpan<byte> block = Take(length, "an extension");
            if (label == graphicControl && first && length >= 4 && (block[0] & 1) != 0) transparent = block[3];
        }
    }

    /// <summary>The data of sub-blocks, joined. A file that ends within them ends them; whether enough came shows later.</summary>
    private byte[] ReadSubBlocks()
    {
        int start = position, total = 0;
        for (int at = start; at < bytes.Length && bytes[at] != 0; at += 1 + bytes[at]) total += Math.Min(bytes[at], bytes.Length - at - 1);
        var joined = new byte[total];
        for (int filled = 0; filled < total;)
        {
            int length = Math.Min(bytes[position], bytes.Length - position - 1);
            bytes.AsSpan(position + 1, length).CopyTo(joined.AsSpan(filled));
            filled += length;
            position += 1 + length;
        }
        return joined;
    }

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (bytes.Length - position < count) throw ImageErrors.Truncated(name, "GIF", what);
        position += count;
        return bytes.AsSpan(position - count, count);
    }

    private static int U16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
}
