namespace MmKernels.Data.Images;

/// <summary>Pillow's Image.reduce: each output pixel is the mean of a cell of whole pixels.</summary>
public static class Reducer
{
    /// <summary>
    /// The part from (<paramref name="left"/>, <paramref name="top"/>) to (<paramref name="right"/>, <paramref name="bottom"/>) in cells of
    /// <paramref name="factorX"/> x <paramref name="factorY"/>; cells at the right and bottom edge hold only the pixels that exist. Colours with alpha are premultiplied.
    /// </summary>
    /// <exception cref="MmkException">MMK468: a factor below 1 or a part outside the picture.</exception>
    public static Image Reduce(Image image, int factorX, int factorY, int left, int top, int right, int bottom)
    {
        if (factorX < 1 || factorY < 1) throw ImageErrors.Resize($"the factors {factorX} and {factorY} must be 1 or more");
        if (left < 0 || top < 0 || right > image.Width || bottom > image.Height || left >= right || top >= bottom)
            throw ImageErrors.Resize($"the part from ({left}, {top}) to ({right}, {bottom}) is not in {image.Width} x {image.Height}");
        if (factorX == 1 && factorY == 1) return Framing.Window(image, left, top, right - left, bottom - top, [0, 0, 0, 0]);
        bool alpha = image.Mode is PixelMode.Rgba or PixelMode.GrayAlpha;
        byte[] source = alpha ? Premultiplication.Multiply(image.Pixels, image.Channels) : image.PixelArray;
        byte[] reduced = ReduceChannels(source, image.Channels, image.Width, factorX, factorY, left, top, right, bottom, out int width, out int height);
        if (alpha) Premultiplication.Divide(reduced, image.Channels);
        return image.With(width, height, reduced);
    }

    internal static byte[] ReduceChannels(
        byte[] source, int channels, int inWidth, int factorX, int factorY, int left, int top, int right, int bottom, out int width, out int height)
    {
        (width, height) = (CellsOf(right - left, factorX), CellsOf(bottom - top, factorY));
        byte[] reduced = Image.Allocate("a reduced picture", width, height, channels);
        int stride = inWidth * channels, target = 0;
        for (int y = 0; y < height; y++)
        {
            int fromY = top + y * factorY, toY = Math.Min(fromY + factorY, bottom);
            for (int x = 0; x < width; x++)
            {
                int fromX = left + x * factorX, toX = Math.Min(fromX + factorX, right);
                for (int c = 0; c < channels; c++, target++)
                    reduced[target] = Mean(source.AsSpan(fromY * stride + fromX * channels + c), stride, channels, toX - fromX, toY - fromY);
            }
        }
        return reduced;
    }

    private static int CellsOf(int length, int factor) => (int)(((long)length + factor - 1) / factor);

    private static byte Mean(ReadOnlySpan<byte> source, int stride, int channels, int width, int height)
    {
        uint sum = 0, count = (uint)(width * height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) sum += source[y * stride + x * channels];
        uint multiplier = (uint)(4294967296f / (256 * count));   // a float32 division in Pillow, truncated
        return (byte)(((sum + count / 2) * multiplier) >> 24);
    }
}
