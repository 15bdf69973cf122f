namespace MmKernels.Data.Images;

/// <summary>Pillow's ways to bring a picture to a size, from Image.thumbnail and ImageOps, byte for byte. Half-way values round to even, as in Python.</summary>
public static class ImageOps
{
    /// <summary>Fits into <paramref name="width"/> x <paramref name="height"/> at its own aspect, never enlarging (Image.thumbnail).</summary>
    public static Image Thumbnail(Image image, int width, int height, ResampleFilter filter = ResampleFilter.Bicubic, double? reducingGap = 2, PassOrder order = PassOrder.Pillow13)
    {
        (int thumbWidth, int thumbHeight) = ThumbnailSize(image.Width, image.Height, width, height);
        return reducingGap is { } gap
            ? ReducingResize.Resize(image, thumbWidth, thumbHeight, filter, null, gap, order)
            : Resampler.Resize(image, thumbWidth, thumbHeight, filter, null, order);
    }

    /// <summary>The size that <see cref="Thumbnail"/> gives a picture.</summary>
    public static (int Width, int Height) ThumbnailSize(int pictureWidth, int pictureHeight, int width, int height)
    {
        if (width >= pictureWidth && height >= pictureHeight) return (pictureWidth, pictureHeight);
        double aspect = (double)pictureWidth / pictureHeight;
        if ((double)width / height >= aspect) width = NearestSide(height * aspect, n => Math.Abs(aspect - (double)n / height));
        else height = NearestSide(width / aspect, n => n == 0 ? 0 : Math.Abs(aspect - (double)width / n));
        return (width, height);
    }

    /// <summary>The largest that fits into the size at the picture's aspect (ImageOps.contain).</summary>
    public static Image Contain(Image image, int width, int height, ResampleFilter filter = ResampleFilter.Bicubic, PassOrder order = PassOrder.Pillow13)
        => AtAspect(image, width, height, keepsWidth: Wider(image, width, height), filter, order);

    /// <summary>The smallest that covers the size at the picture's aspect (ImageOps.cover).</summary>
    public static Image Cover(Image image, int width, int height, ResampleFilter filter = ResampleFilter.Bicubic, PassOrder order = PassOrder.Pillow13)
        => AtAspect(image, width, height, keepsWidth: !Wider(image, width, height), filter, order);

    /// <summary><see cref="Contain"/> pasted on a canvas of <paramref name="fill"/> (one byte per channel), at the fraction <paramref name="centring"/> (ImageOps.pad).</summary>
    public static Image Pad(Image image, int width, int height, ReadOnlySpan<byte> fill, (double X, double Y) centring, ResampleFilter filter = ResampleFilter.Bicubic, PassOrder order = PassOrder.Pillow13)
    {
        Image contained = Contain(image, width, height, filter, order);
        int left = 0, top = 0;
        if (contained.Width != width) left = Round((width - contained.Width) * Math.Clamp(centring.X, 0, 1));
        else top = Round((height - contained.Height) * Math.Clamp(centring.Y, 0, 1));
        return Framing.Window(contained, -left, -top, width, height, fill);
    }

    /// <summary>The largest part of the size's aspect, centred, resized (ImageOps.fit without bleed).</summary>
    public static Image Fit(Image image, int width, int height, ResampleFilter filter = ResampleFilter.Bicubic, PassOrder order = PassOrder.Pillow13)
    {
        double aspect = (double)image.Width / image.Height, wanted = (double)width / height;
        double partWidth = image.Width, partHeight = image.Height;
        if (aspect > wanted) partWidth = wanted * image.Height;
        else if (aspect < wanted) partHeight = image.Width / wanted;
        double left = (image.Width - partWidth) * 0.5, top = (image.Height - partHeight) * 0.5;
        var part = new ResampleBox((float)left, (float)top, (float)(left + partWidth), (float)(top + partHeight));
        return Resampler.Resize(image, width, height, filter, part, order);
    }

    /// <summary>The part between the rounded coordinates; what lies outside the picture is 0 in every channel (Image.crop).</summary>
    /// <exception cref="MmkException">MMK468: nothing lies between them.</exception>
    public static Image Crop(Image image, double left, double top, double right, double bottom)
        => Framing.Window(image, Round(left), Round(top), Round(right) - Round(left), Round(bottom) - Round(top), [0, 0, 0, 0]);

    /// <summary>A square of the longer side filled with <paramref name="fill"/>, the picture in the middle (LLaVA's expand2square).</summary>
    public static Image ExpandToSquare(Image image, ReadOnlySpan<byte> fill)
    {
        int side = Math.Max(image.Width, image.Height);
        return Framing.Window(image, -((side - image.Width) / 2), -((side - image.Height) / 2), side, side, fill);
    }

    private static Image AtAspect(Image image, int width, int height, bool keepsWidth, ResampleFilter filter, PassOrder order)
    {
        if ((double)image.Width / image.Height != (double)width / height)
        {
            if (keepsWidth) height = Round((double)image.Height / image.Width * width);
            else width = Round((double)image.Width / image.Height * height);
        }
        return Resampler.Resize(image, width, height, filter, null, order);
    }

    private static bool Wider(Image image, int width, int height) => (double)image.Width / image.Height > (double)width / height;

    /// <summary>The whole number below or above, whichever has the smaller distance; the one below on ties; at least 1.</summary>
    private static int NearestSide(double side, Func<int, double> distance)
    {
        int below = (int)Math.Floor(side), above = (int)Math.Ceiling(side);
        return Math.Max(1, distance(above) < distance(below) ? above : below);
    }

    private static int Round(double value) => (int)Math.Round(value, MidpointRounding.ToEven);
}
