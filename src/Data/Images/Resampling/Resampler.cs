namespace MmKernels.Data.Images;

/// <summary>Pillow's Image.resize in its fixed-point arithmetic, byte for byte.</summary>
public static class Resampler
{
    /// <summary>
    /// The picture, or its part <paramref name="box"/>, in <paramref name="width"/> x <paramref name="height"/> pixels. Bilevel and palette pictures are
    /// always resized by <see cref="ResampleFilter.Nearest"/>; colours with alpha are premultiplied for the other filters.
    /// </summary>
    /// <exception cref="MmkException">MMK468: a size below 1, a box outside the picture, or a table of coefficients that is too large.</exception>
    public static Image Resize(Image image, int width, int height, ResampleFilter filter, ResampleBox? box = null, PassOrder order = PassOrder.Pillow13)
    {
        ResampleBox part = box ?? new ResampleBox(0, 0, image.Width, image.Height);
        Check(image, width, height, part);
        if (image.Mode is PixelMode.Bilevel or PixelMode.Palette) filter = ResampleFilter.Nearest;
        bool whole = part == new ResampleBox(0, 0, image.Width, image.Height);
        if (whole && (width, height) == (image.Width, image.Height)) return image;
        bool premultiply = image.Mode is PixelMode.Rgba or PixelMode.GrayAlpha && filter != ResampleFilter.Nearest;
        byte[] source = premultiply ? Premultiplication.Multiply(image.Pixels, image.Channels) : image.PixelArray;
        byte[] resized = ResizeChannels(source, image.Channels, image.Width, image.Height, part, width, height, filter, order);
        if (premultiply) Premultiplication.Divide(resized, image.Channels);
        return image.With(width, height, resized);
    }

    /// <summary>The bytes of a resize that treats all channels alike; a part of the very size is cropped, whatever the filter.</summary>
    internal static byte[] ResizeChannels(
        byte[] source, int channels, int inWidth, int inHeight, ResampleBox part, int width, int height, ResampleFilter filter, PassOrder order)
    {
        if (part.Left == (int)part.Left && part.Top == (int)part.Top && part.Right - part.Left == width && part.Bottom - part.Top == height)
            return Framing.Window(source, channels, inWidth, inHeight, (int)part.Left, (int)part.Top, width, height, [0, 0, 0, 0]);
        return ResamplePasses.Create(inWidth, inHeight, part, width, height, filter, order).Run(source, channels);
    }

    internal static void Check(Image image, int width, int height, ResampleBox part)
    {
        if (width < 1 || height < 1) throw ImageErrors.Resize($"the size {width} x {height}: height and width must be > 0");
        if (!(part.Left >= 0 && part.Top >= 0)) throw ImageErrors.Resize($"{part}: box offset can't be negative");
        if (!(part.Right <= image.Width && part.Bottom <= image.Height))
            throw ImageErrors.Resize($"{part} in {image.Width} x {image.Height}: box can't exceed original image size");
        if (!(part.Right - part.Left >= 0 && part.Bottom - part.Top >= 0)) throw ImageErrors.Resize($"{part}: box can't be empty");
    }
}
