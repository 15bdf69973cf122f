using System.Buffers.Binary;
using System.IO.Compression;

namespace MmKernels.Data.Images.Png;

/// <summary>Writes 8-bit PNG files: gray, gray with alpha, RGB, RGBA or palette. Other modes are converted to RGB.</summary>
internal static class PngWriter
{
    public static void Write(Stream target, Image image)
    {
        if (image.Mode == PixelMode.Cmyk) image = image.ToRgb();
        PngColour colour = image.Mode switch
        {
            PixelMode.GrayAlpha => PngColour.GrayAlpha,
            PixelMode.Palette => PngColour.Palette,
            PixelMode.Rgb => PngColour.Rgb,
            PixelMode.Rgba => PngColour.Rgba,
            _ => PngColour.Gray,
        };
        target.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        (header[8], header[9]) = (8, (byte)colour);
        WriteChunk(target, "IHDR"u8, header);
        if (colour == PngColour.Palette) WritePalette(target, image.Palette);
        else if (image.TransparentKey is var (r, g, b))
            WriteChunk(target, "tRNS"u8, colour == PngColour.Rgb ? [0, r, 0, g, 0, b] : [0, r]);
        WritePixels(target, image);
        WriteChunk(target, "IEND"u8, []);
    }

    private static void WritePalette(Stream target, ReadOnlySpan<byte> palette)
    {
        int count = palette.Length / 4;
        byte[] colours = new byte[3 * count], alphas = new byte[count];
        bool opaque = true;
        for (int i = 0; i < count; i++)
        {
            palette.Slice(4 * i, 3).CopyTo(colours.AsSpan(3 * i));
            alphas[i] = palette[4 * i + 3];
            opaque &= alphas[i] == 255;
        }
        WriteChunk(target, "PLTE"u8, colours);
        if (!opaque) WriteChunk(target, "tRNS"u8, alphas);
    }

    private static void WritePixels(Stream target, Image image)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            int channels = image.Channels, stride = image.Width * channels;
            byte[] first = new byte[stride + 1], second = new byte[stride + 1], zeros = new byte[stride];
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> pixels = image.Pixels.Slice(y * stride, stride);
                ReadOnlySpan<byte> above = y == 0 ? zeros : image.Pixels.Slice((y - 1) * stride, stride);
                if (image.Mode == PixelMode.Palette) pixels.CopyTo(first.AsSpan(1));   // differences of indices mean nothing
                deflate.Write(image.Mode == PixelMode.Palette ? first : ChooseFilter(pixels, above, channels, first, second));
            }
        }
        WriteChunk(target, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
    }

    /// <summary>Of the filters none, up and Paeth the one whose output is smallest in absolute value: the usual guess at what compresses best.</summary>
    private static byte[] ChooseFilter(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> above, int channels, byte[] tried, byte[] kept)
    {
        long least = long.MaxValue;
        foreach (byte filter in (ReadOnlySpan<byte>)[0, 2, 4])
        {
            tried[0] = filter;
            long sum = PngFilter.Apply(filter, pixels, above, channels, tried.AsSpan(1));
            if (sum >= least) continue;
            least = sum;
            (tried, kept) = (kept, tried);
        }
        return kept;
    }

    private static void WriteChunk(Stream target, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        target.Write(number);
        target.Write(type);
        target.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(data, Crc32.Of(type)));
        target.Write(number);
    }
}
