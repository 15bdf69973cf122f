namespace MmKernels.Data.Images.Png;

/// <summary>PLTE and tRNS as the image keeps them.</summary>
internal static class PngTransparency
{
    /// <summary>The palette as R, G, B, A; empty where the file is not of the palette type.</summary>
    public static byte[] Palette(PngFile file, byte[] bytes, string name)
    {
        if (file.Header.Colour != PngColour.Palette) return [];
        ReadOnlySpan<byte> entries = bytes.AsSpan(file.Palette), alphas = bytes.AsSpan(file.Transparency);
        if (entries.IsEmpty) throw ImageErrors.Damaged(name, "PNG", "the palette is missing before the pixels");
        int count = entries.Length / 3;
        if (alphas.Length > count) throw ImageErrors.Damaged(name, "PNG", $"tRNS has {alphas.Length} entries, the palette {count}");
        var palette = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            entries.Slice(3 * i, 3).CopyTo(palette.AsSpan(4 * i));
            palette[4 * i + 3] = i < alphas.Length ? alphas[i] : (byte)255;
        }
        return palette;
    }

    /// <summary>The key colour of a gray or RGB file, in the scale of the decoded bytes; at 16 bits the low bytes, as Pillow takes them.</summary>
    public static (byte, byte, byte)? Key(PngFile file, byte[] bytes, string name)
    {
        PngHeader header = file.Header;
        ReadOnlySpan<byte> data = bytes.AsSpan(file.Transparency);
        if (data.IsEmpty || header.Colour is not (PngColour.Gray or PngColour.Rgb)) return null;
        if (data.Length != 2 * header.Samples) throw ImageErrors.Damaged(name, "PNG", $"tRNS has {data.Length} bytes");
        if (header.Colour == PngColour.Rgb) return (data[1], data[3], data[5]);
        if (header.Depth == 16) return null;
        int scale = header.Depth < 8 ? 255 / ((1 << header.Depth) - 1) : 1;
        byte gray = (byte)(data[1] * scale);
        return (gray, gray, gray);
    }
}
