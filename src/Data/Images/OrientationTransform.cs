namespace MmKernels.Data.Images;

/// <summary>Flips, rotations and transpositions of EXIF orientations 2 to 8.</summary>
internal static class OrientationTransform
{
    public static Image Apply(Image image)
    {
        (int width, int height, int channels) = (image.Width, image.Height, image.Channels);
        bool swapped = image.Orientation >= 5;
        (int outWidth, int outHeight) = swapped ? (height, width) : (width, height);
        byte[] turned = Image.Allocate("the picture", outWidth, outHeight, channels);
        ReadOnlySpan<byte> source = image.Pixels;
        // Output pixel (x, y) reads the source at first + x·stepX + y·stepY, in pixels.
        (int first, int stepX, int stepY) = image.Orientation switch
        {
            2 => (width - 1, -1, width),                                   // mirror x
            3 => (width * height - 1, -1, -width),                         // rotate 180
            4 => (width * (height - 1), 1, -width),                        // mirror y
            5 => (0, width, 1),                                            // transpose
            6 => (width * (height - 1), -width, 1),                        // rotate 90 clockwise
            7 => (width * height - 1, -width, -1),                         // transverse
            _ => (width - 1, width, -1),                                   // rotate 90 counter-clockwise
        };
        int target = 0;
        for (int y = 0; y < outHeight; y++)
            for (int x = 0; x < outWidth; x++, target += channels)
                source.Slice((first + x * stepX + y * stepY) * channels, channels).CopyTo(turned.AsSpan(target));
        return new Image(outWidth, outHeight, image.Mode, turned, image.Palette.ToArray()) { TransparentKey = image.TransparentKey };
    }
}
