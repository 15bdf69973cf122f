namespace MmKernels.Data.Images;

/// <summary>Pillow's resize with reducing_gap: whole cells are averaged first, the filter does the rest.</summary>
public static class ReducingResize
{
    /// <summary>
    /// As <see cref="Resampler.Resize"/>, but a picture more than <paramref name="gap"/> times too large is first reduced by whole factors
    /// (larger gaps come closer to the plain resize).
    /// </summary>
    /// <exception cref="MmkException">MMK468: as <see cref="Resampler.Resize"/>, or a gap below 1.</exception>
    public static Image Resize(Image image, int width, int height, ResampleFilter filter, ResampleBox? box, double gap, PassOrder order = PassOrder.Pillow13)
    {
        if (!(gap >= 1)) throw ImageErrors.Resize($"reducing_gap is {gap}; it must be 1.0 or greater");
        ResampleBox part = box ?? new ResampleBox(0, 0, image.Width, image.Height);
        bool nearest = filter == ResampleFilter.Nearest || image.Mode is PixelMode.Bilevel or PixelMode.Palette;
        bool unchanged = part == new ResampleBox(0, 0, image.Width, image.Height) && (width, height) == (image.Width, image.Height);
        Resampler.Check(image, width, height, part);
        bool alpha = image.Mode is PixelMode.Rgba or PixelMode.GrayAlpha;
        bool ignored = alpha && order == PassOrder.Classic;   // Pillow before 13 forgets the gap of pictures with alpha
        if (nearest || unchanged || ignored) return Resampler.Resize(image, width, height, filter, box, order);

        double scaleX = ((double)part.Right - part.Left) / width, scaleY = ((double)part.Bottom - part.Top) / height;
        int factorX = Math.Max(1, (int)(scaleX / gap)), factorY = Math.Max(1, (int)(scaleY / gap));
        if (factorX == 1 && factorY == 1) return Resampler.Resize(image, width, height, filter, box, order);

        int channels = image.Channels;
        byte[] source = alpha ? Premultiplication.Multiply(image.Pixels, channels) : image.PixelArray;
        double support = ResampleAxis.SupportOf(filter) - 0.5;
        int left = Math.Max(0, (int)(part.Left - support * scaleX)), top = Math.Max(0, (int)(part.Top - support * scaleY));
        int right = Math.Min(image.Width, (int)Math.Ceiling(part.Right + support * scaleX)), bottom = Math.Min(image.Height, (int)Math.Ceiling(part.Bottom + support * scaleY));
        byte[] reduced = Reducer.ReduceChannels(source, channels, image.Width, factorX, factorY, left, top, right, bottom, out int reducedWidth, out int reducedHeight);
        var rest = new ResampleBox(
            (float)(((double)part.Left - left) / factorX), (float)(((double)part.Top - top) / factorY),
            (float)(((double)part.Right - left) / factorX), (float)(((double)part.Bottom - top) / factorY));
        byte[] resized = Resampler.ResizeChannels(reduced, channels, reducedWidth, reducedHeight, rest, width, height, filter, order);
        if (alpha) Premultiplication.Divide(resized, channels);
        return image.With(width, height, resized);
    }
}
