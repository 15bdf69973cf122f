namespace MmKernels.Data.Images.Pnm;

/// <summary>Decodes PBM, PGM and PPM, plain (P1 to P3) and binary (P4 to P6). Samples are scaled to 255 as Pillow does.</summary>
internal static class PnmDecoder
{
    public static bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.Length >= 3 && bytes[0] == 'P' && bytes[1] is >= (byte)'1' and <= (byte)'6' && (PnmReader.IsSpace(bytes[2]) || bytes[2] == '#');

    public static Image Decode(byte[] bytes, string name, ImageLimits limits)
    {
        int kind = bytes[1] - '0';
        bool plain = kind <= 3, bilevel = kind is 1 or 4;
        var reader = new PnmReader(bytes, name);
        int width = reader.HeaderNumber("width"), height = reader.HeaderNumber("height");
        if (width < 1 || height < 1) throw ImageErrors.Damaged(name, "PNM", $"the size is {width} x {height}");
        if ((long)width * height > limits.MaxPixels) throw ImageErrors.TooLarge(name, width, height, limits);
        int largest = bilevel ? 1 : reader.HeaderNumber("largest value");
        if (largest is < 1 or > 65535) throw ImageErrors.Damaged(name, "PNM", $"the largest value is {largest}");
        int channels = kind is 3 or 6 ? 3 : 1;
        if (!plain) reader.EndHeader();

        // Plain samples take two bytes (but for bits), binary ones one or two, bits an eighth.
        long samples = (long)width * height * channels;
        long least = bilevel ? (plain ? samples : (width + 7L) / 8 * height) : plain ? 2 * samples - 1 : samples * (largest > 255 ? 2 : 1);
        if (least > reader.Left) throw ImageErrors.Truncated(name, "PNM", $"the pixels: {reader.Left} bytes cannot hold {width} x {height}");

        byte[] pixels = Image.Allocate(name, width, height, channels);
        if (bilevel) ReadBits(reader, pixels, width, plain);
        else
        {
            byte[] scale = ScaleTable(largest, channels);
            for (int i = 0; i < pixels.Length; i++) pixels[i] = scale[plain ? reader.Sample(largest) : reader.BinarySample(largest)];
        }
        return new Image(width, height, bilevel ? PixelMode.Bilevel : channels == 1 ? PixelMode.Gray : PixelMode.Rgb, pixels);
    }

    /// <summary>A set bit is black.</summary>
    private static void ReadBits(PnmReader reader, byte[] pixels, int width, bool plain)
    {
        if (plain)
            for (int i = 0; i < pixels.Length; i++) pixels[i] = reader.Bit() ? (byte)0 : (byte)255;
        else
            for (int start = 0; start < pixels.Length; start += width)
            {
                ReadOnlySpan<byte> row = reader.Bytes((width + 7) / 8);
                for (int x = 0; x < width; x++) pixels[start + x] = (row[x >> 3] >> (7 - (x & 7)) & 1) != 0 ? (byte)0 : (byte)255;
            }
    }

    /// <summary>
    /// round(v / largest · 255), half to even. Gray above 255 becomes Pillow's 32-bit mode, scaled to 65535, which its conversion to 8 bits then saturates.
    /// </summary>
    private static byte[] ScaleTable(int largest, int channels)
    {
        var scale = new byte[largest + 1];
        double top = largest > 255 && channels == 1 ? 65535 : 255;
        for (int v = 0; v <= largest; v++) scale[v] = (byte)Math.Min(255, Math.Round((double)v / largest * top, MidpointRounding.ToEven));
        return scale;
    }
}
