namespace MmKernels.Data.Images.Png;

/// <summary>IHDR, checked: the size is within the limits and the depth belongs to the colour type.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngColour Colour, bool Interlaced)
{
    /// <summary>Samples per pixel in the file.</summary>
    public int Samples => Colour switch { PngColour.Rgb => 3, PngColour.GrayAlpha => 2, PngColour.Rgba => 4, _ => 1 };

    /// <summary>Bits per pixel in the file.</summary>
    public int BitsPerPixel => Samples * Depth;

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without the filter byte.</summary>
    public int RowBytes(int width) => (int)(((long)width * BitsPerPixel + 7) / 8);

    /// <summary>The mode that Pillow opens such a file in, but for 16-bit gray, which is saturated to 8 bits.</summary>
    public PixelMode Mode => Colour switch
    {
        PngColour.Gray => Depth == 1 ? PixelMode.Bilevel : PixelMode.Gray,
        PngColour.Rgb => PixelMode.Rgb,
        PngColour.Palette => PixelMode.Palette,
        PngColour.GrayAlpha => Depth == 8 ? PixelMode.GrayAlpha : PixelMode.Rgba,
        _ => PixelMode.Rgba,
    };

    public static PngHeader Read(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        if (data.Length != 13) throw ImageErrors.Damaged(name, "PNG", $"IHDR has {data.Length} bytes instead of 13");
        uint width = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width == 0 || height == 0) throw ImageErrors.Damaged(name, "PNG", $"the size is {width} x {height}");
        // Rows are addressed by int bytes, and a pixel has 64 bits at most.
        if ((ulong)width * height > (ulong)limits.MaxPixels || width > int.MaxValue / 8 || height > int.MaxValue) throw ImageErrors.TooLarge(name, width, height, limits);
        (byte depth, byte colour, byte compression, byte filter, byte interlace) = (data[8], data[9], data[10], data[11], data[12]);
        bool allowed = (PngColour)colour switch
        {
            PngColour.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngColour.Palette => depth is 1 or 2 or 4 or 8,
            PngColour.Rgb or PngColour.GrayAlpha or PngColour.Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!allowed) throw ImageErrors.Damaged(name, "PNG", $"colour type {colour} with {depth} bits does not exist");
        if (compression != 0 || filter != 0 || interlace > 1)
            throw ImageErrors.Damaged(name, "PNG", $"compression {compression}, filter method {filter} or interlace {interlace} does not exist");
        return new PngHeader((int)width, (int)height, depth, (PngColour)colour, interlace == 1);
    }
}
