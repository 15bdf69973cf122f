using System.Buffers.Binary;

namespace MmKernels.Data.Images.Bmp;

/// <summary>Decodes BMP: 1 to 32 bits, RLE4 and RLE8, bit masks, both row orders.</summary>
internal static class BmpDecoder
{
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith("BM"u8);

    public static Image Decode(byte[] bytes, string name, ImageLimits limits)
    {
        BmpHeader header = BmpHeader.Read(bytes, name, limits);
        bool indexed = header.BitsPerPixel <= 8;
        if (header.Compression is BmpCompression.Rle4 or BmpCompression.Rle8)
            return Indexed(header, BmpRunLength.Decode(bytes.AsSpan(header.PixelOffset), header, name));

        if (header.RowBytes * header.Height > bytes.Length - header.PixelOffset) throw ImageErrors.Truncated(name, "BMP", $"the pixels, {header.RowBytes * header.Height} bytes from byte {header.PixelOffset}");
        PixelMode mode = indexed ? PixelMode.Palette : header.Masks.Alpha != 0 ? PixelMode.Rgba : PixelMode.Rgb;
        int channels = Image.ChannelsOf(mode), stride = header.Width * channels;
        byte[] pixels = Image.Allocate(name, header.Width, header.Height, channels);
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = bytes.AsSpan((int)(header.PixelOffset + y * header.RowBytes), (int)header.RowBytes);
            Unpack(header, row, pixels.AsSpan((header.TopDown ? y : header.Height - 1 - y) * stride, stride));
        }
        return indexed ? Indexed(header, pixels) : new Image(header.Width, header.Height, mode, pixels);
    }

    private static void Unpack(BmpHeader header, ReadOnlySpan<byte> row, Span<byte> target)
    {
        switch (header.BitsPerPixel)
        {
            case 8:
                row[..target.Length].CopyTo(target);
                break;
            case 24:
                for (int i = 0; i < target.Length; i += 3) (target[i], target[i + 1], target[i + 2]) = (row[i + 2], row[i + 1], row[i]);
                break;
            case 16 or 32:
                UnpackMasked(header, row, target);
                break;
            default:
                int depth = header.BitsPerPixel, mask = (1 << depth) - 1;
                for (int x = 0; x < target.Length; x++) target[x] = (byte)((row[x * depth >> 3] >> (8 - depth - (x * depth & 7))) & mask);
                break;
        }
    }

    private static void UnpackMasked(BmpHeader header, ReadOnlySpan<byte> row, Span<byte> target)
    {
        BmpMasks masks = header.Masks;
        bool wide = header.BitsPerPixel == 32;
        int channels = target.Length / header.Width;
        for (int x = 0; x < header.Width; x++)
        {
            uint pixel = wide ? BinaryPrimitives.ReadUInt32LittleEndian(row[(4 * x)..]) : BinaryPrimitives.ReadUInt16LittleEndian(row[(2 * x)..]);
            Span<byte> colour = target.Slice(x * channels, channels);
            (colour[0], colour[1], colour[2]) = (BmpMasks.Extract(pixel, masks.Red), BmpMasks.Extract(pixel, masks.Green), BmpMasks.Extract(pixel, masks.Blue));
            if (channels == 4) colour[3] = BmpMasks.Extract(pixel, masks.Alpha);
        }
    }

    /// <summary>A palette that only repeats its index is a gray picture for Pillow; of two colours, black and white, a bilevel one.</summary>
    private static Image Indexed(BmpHeader header, byte[] indices)
    {
        byte[] palette = header.Palette;
        int count = palette.Length / 4;
        bool gray = true;
        for (int i = 0; i < count && gray; i++)
        {
            int value = count == 2 ? 255 * i : i;
            gray = palette[4 * i] == value && palette[4 * i + 1] == value && palette[4 * i + 2] == value;
        }
        if (!gray) return new Image(header.Width, header.Height, PixelMode.Palette, indices, palette);
        if (count != 2) return new Image(header.Width, header.Height, PixelMode.Gray, indices);
        for (int i = 0; i < indices.Length; i++) indices[i] = indices[i] != 0 ? (byte)255 : (byte)0;
        return new Image(header.Width, header.Height, PixelMode.Bilevel, indices);
    }
}
