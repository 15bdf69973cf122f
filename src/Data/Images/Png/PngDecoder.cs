using System.IO.Compression;

namespace MmKernels.Data.Images.Png;

/// <summary>Decodes PNG (ISO/IEC 15948): all colour types and depths, interlaced or not; of an animation the first frame.</summary>
internal sealed class PngDecoder
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Bytes after the pixels that are read over, as other decoders do; more than that is a decompression bomb.</summary>
    private const int MaxSurplusBytes = 1 << 16;

    private readonly PngFile file;
    private readonly PngHeader header;
    private readonly string name;
    private readonly byte[] pixels;
    private readonly int channels;

    private PngDecoder(PngFile file, string name)
    {
        (this.file, this.name, header) = (file, name, file.Header);
        channels = Image.ChannelsOf(header.Mode);
        RequireEnoughData();
        pixels = Image.Allocate(name, header.Width, header.Height, channels);
    }

    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    public static Image Decode(byte[] bytes, string name, ImageLimits limits)
    {
        PngFile file = PngFile.Read(bytes, name, limits);
        byte[] palette = PngTransparency.Palette(file, bytes, name);
        var key = PngTransparency.Key(file, bytes, name);
        var decoder = new PngDecoder(file, name);
        decoder.ReadPixels(bytes);
        if (palette.Length > 0) decoder.RequireIndices(palette.Length / 4);
        return new Image(file.Header.Width, file.Header.Height, file.Header.Mode, decoder.pixels, palette)
        {
            TransparentKey = key,
            Orientation = Exif.Orientation(bytes.AsSpan(file.Exif)),
        };
    }

    /// <summary>Deflate makes at most 1032 bytes of one: a file too short for its declared size is refused before memory is taken.</summary>
    private void RequireEnoughData()
    {
        long available = 0;
        foreach ((_, int length) in file.ImageData) available += length;
        long needed = (long)header.RowBytes(header.Width) * header.Height;
        if (available * 1032 < needed)
            throw ImageErrors.Truncated(name, "PNG", $"the pixel data: {available} compressed bytes cannot hold {header.Width} x {header.Height} pixels");
    }

    private void ReadPixels(byte[] bytes)
    {
        try
        {
            using var inflater = new ZLibStream(new PngDataStream(bytes, file.ImageData), CompressionMode.Decompress);
            if (header.Interlaced)
                for (int pass = 0; pass < 7; pass++) ReadPass(inflater, PngPass.Adam7[pass]);
            else
                ReadPass(inflater, PngPass.Whole);
            ReadSurplus(inflater);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)   // zlib reports a preset dictionary as an IOException
        {
            throw ImageErrors.Damaged(name, "PNG", $"the compressed pixel data is broken ({e.Message})");
        }
    }

    private void ReadPass(Stream inflater, PngPass pass)
    {
        int width = pass.WidthOf(header.Width), height = pass.HeightOf(header.Height);
        if (width == 0 || height == 0) return;
        int rowBytes = header.RowBytes(width), pixelBytes = Math.Max(1, header.BitsPerPixel / 8);
        // The filter byte stands in front of the row; the other buffer is the row above.
        byte[] row = new byte[rowBytes + 1], above = new byte[rowBytes + 1];
        for (int y = 0; y < height; y++)
        {
            if (inflater.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                throw ImageErrors.Truncated(name, "PNG", $"the pixel data, row {y} of {height}");
            if (!PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), pixelBytes))
                throw ImageErrors.Damaged(name, "PNG", $"row {y} has the filter {row[0]}, which does not exist");
            int start = ((pass.Y + y * pass.StepY) * header.Width + pass.X) * channels;
            PngSamples.Unpack(header, row.AsSpan(1), width, pixels.AsSpan(start), pass.StepX * channels);
            (row, above) = (above, row);
        }
    }

    /// <summary>Reads to the end of the stream, so that its checksum is verified.</summary>
    private void ReadSurplus(Stream inflater)
    {
        Span<byte> surplus = stackalloc byte[1024];
        for (int total = 0, count; (count = inflater.Read(surplus)) > 0;)
            if ((total += count) > MaxSurplusBytes)
                throw ImageErrors.Damaged(name, "PNG", $"more than {MaxSurplusBytes} bytes follow the last pixel");
    }

    private void RequireIndices(int entries)
    {
        int largest = 0;
        foreach (byte index in pixels) largest = Math.Max(largest, index);
        if (largest >= entries) throw ImageErrors.Damaged(name, "PNG", $"a pixel has the palette index {largest}; the palette has {entries} entries");
    }
}
