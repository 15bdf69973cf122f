namespace MmKernels.Data.Images;

/// <summary>Conversions between modes with Pillow's integer arithmetic (its Convert.c and AlphaComposite.c, from goldens/images and goldens/preprocess).</summary>
internal static class PixelConversion
{
    public static Image ToRgb(Image image)
    {
        int count = image.Width * image.Height;
        byte[] rgb = Image.Allocate("the picture", image.Width, image.Height, 3);
        ReadOnlySpan<byte> source = image.Pixels;
        switch (image.Mode)
        {
            case PixelMode.Bilevel or PixelMode.Gray:
                for (int i = 0, o = 0; i < count; i++, o += 3) rgb[o] = rgb[o + 1] = rgb[o + 2] = source[i];
                break;
            case PixelMode.GrayAlpha:
                for (int i = 0, o = 0; i < count; i++, o += 3) rgb[o] = rgb[o + 1] = rgb[o + 2] = source[2 * i];
                break;
            case PixelMode.Palette:
                PaletteToRgb(source, image.Palette, rgb);
                break;
            case PixelMode.Rgb:
                source.CopyTo(rgb);
                break;
            case PixelMode.Rgba:
                for (int i = 0, o = 0; o < rgb.Length; i += 4, o += 3)
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (source[i], source[i + 1], source[i + 2]);
                break;
            case PixelMode.Cmyk:
                CmykToRgb(source, rgb);
                break;
        }
        return new Image(image.Width, image.Height, PixelMode.Rgb, rgb) { Orientation = image.Orientation };
    }

    public static Image ToRgba(Image image)
    {
        byte[] rgba = Image.Allocate("the picture", image.Width, image.Height, 4);
        ReadOnlySpan<byte> source = image.Pixels;
        if (image.Mode == PixelMode.Palette)
            PaletteToRgba(source, image.Palette, rgba);
        else if (image.Mode == PixelMode.GrayAlpha)
            for (int i = 0, o = 0; o < rgba.Length; i += 2, o += 4)
                (rgba[o], rgba[o + 1], rgba[o + 2], rgba[o + 3]) = (source[i], source[i], source[i], source[i + 1]);
        else
        {
            ReadOnlySpan<byte> rgb = image.Mode == PixelMode.Rgb ? source : ToRgb(image).Pixels;
            bool keyed = image.TransparentKey is not null;
            (byte r, byte g, byte b) = image.TransparentKey ?? default;
            for (int i = 0, o = 0; o < rgba.Length; i += 3, o += 4)
            {
                (rgba[o], rgba[o + 1], rgba[o + 2]) = (rgb[i], rgb[i + 1], rgb[i + 2]);
                rgba[o + 3] = keyed && rgb[i] == r && rgb[i + 1] == g && rgb[i + 2] == b ? (byte)0 : (byte)255;
            }
        }
        return new Image(image.Width, image.Height, PixelMode.Rgba, rgba) { Orientation = image.Orientation };
    }

    public static Image ComposeOverWhite(Image rgba)
    {
        byte[] rgb = Image.Allocate("the picture", rgba.Width, rgba.Height, 3);
        ReadOnlySpan<byte> source = rgba.Pixels;
        for (int i = 0, o = 0; o < rgb.Length; i += 4, o += 3)
        {
            int alpha = source[i + 3];
            rgb[o] = OverWhite(source[i], alpha);
            rgb[o + 1] = OverWhite(source[i + 1], alpha);
            rgb[o + 2] = OverWhite(source[i + 2], alpha);
        }
        return new Image(rgba.Width, rgba.Height, PixelMode.Rgb, rgb) { Orientation = rgba.Orientation };
    }

    /// <summary>Pillow's alpha_composite over an opaque white destination: 7 fraction bits in the coefficients.</summary>
    private static byte OverWhite(int colour, int alpha)
    {
        if (alpha == 0) return 255;
        int source = alpha * 255 * 255 * 128 / (alpha * 255 + 255 * (255 - alpha));
        int white = 255 * 128 - source;
        int t = colour * source + 255 * white + (128 << 7);
        return (byte)((((t >> 8) + t) >> 8) >> 7);
    }

    private static void PaletteToRgb(ReadOnlySpan<byte> indices, ReadOnlySpan<byte> palette, byte[] rgb)
    {
        Span<byte> entries = stackalloc byte[1024];   // an index beyond the palette is black
        palette.CopyTo(entries);
        for (int i = 0, o = 0; i < indices.Length; i++, o += 3)
        {
            int entry = indices[i] * 4;
            (rgb[o], rgb[o + 1], rgb[o + 2]) = (entries[entry], entries[entry + 1], entries[entry + 2]);
        }
    }

    private static void PaletteToRgba(ReadOnlySpan<byte> indices, ReadOnlySpan<byte> palette, byte[] rgba)
    {
        Span<byte> entries = stackalloc byte[1024];
        palette.CopyTo(entries);
        for (int entry = palette.Length; entry < entries.Length; entry += 4) entries[entry + 3] = 255;
        for (int i = 0, o = 0; i < indices.Length; i++, o += 4)
            entries.Slice(indices[i] * 4, 4).CopyTo(rgba.AsSpan(o, 4));
    }

    private static void CmykToRgb(ReadOnlySpan<byte> cmyk, byte[] rgb)
    {
        for (int i = 0, o = 0; o < rgb.Length; i += 4, o += 3)
        {
            int light = 255 - cmyk[i + 3];
            rgb[o] = (byte)(light - MulDiv255(cmyk[i], light));
            rgb[o + 1] = (byte)(light - MulDiv255(cmyk[i + 1], light));
            rgb[o + 2] = (byte)(light - MulDiv255(cmyk[i + 2], light));
        }
    }

    /// <summary>a · b / 255, rounded.</summary>
    internal static int MulDiv255(int a, int b)
    {
        int t = a * b + 128;
        return ((t >> 8) + t) >> 8;
    }
}
