namespace MmKernels.Data.Images;

/// <summary>Cropping and padding, which are the same: a window laid over a picture.</summary>
public static class Framing
{
    /// <summary>
    /// The window of <paramref name="width"/> x <paramref name="height"/> whose top left pixel is (<paramref name="left"/>, <paramref name="top"/>) of the picture
    /// (negative: outside). What lies outside takes the first bytes of <paramref name="fill"/>, one per channel.
    /// </summary>
    /// <exception cref="MmkException">MMK468: a size below 1.</exception>
    public static Image Window(Image image, int left, int top, int width, int height, ReadOnlySpan<byte> fill)
    {
        if (width < 1 || height < 1) throw ImageErrors.Resize($"a window of {width} x {height}: height and width must be > 0");
        return image.With(width, height, Window(image.PixelArray, image.Channels, image.Width, image.Height, left, top, width, height, fill));
    }

    internal static byte[] Window(byte[] source, int channels, int inWidth, int inHeight, int left, int top, int width, int height, ReadOnlySpan<byte> fill)
    {
        byte[] framed = Image.Allocate("a framed picture", width, height, channels);
        int from = (int)Math.Clamp(-(long)left, 0, width);
        int to = (int)Math.Clamp((long)inWidth - left, from, width);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = framed.AsSpan(y * width * channels, width * channels);
            long sourceRow = (long)y + top;
            if (sourceRow < 0 || sourceRow >= inHeight || from == to)
            {
                Fill(row, fill, channels);
                continue;
            }
            Fill(row[..(from * channels)], fill, channels);
            source.AsSpan(((int)sourceRow * inWidth + left + from) * channels, (to - from) * channels).CopyTo(row[(from * channels)..]);
            Fill(row[(to * channels)..], fill, channels);
        }
        return framed;
    }

    private static void Fill(Span<byte> pixels, ReadOnlySpan<byte> fill, int channels)
    {
        for (int i = 0; i < pixels.Length; i += channels) fill[..channels].CopyTo(pixels[i..]);
    }
}
