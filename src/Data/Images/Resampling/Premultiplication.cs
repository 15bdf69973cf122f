namespace MmKernels.Data.Images;

/// <summary>Colour times alpha and back, with Pillow's rounding; alpha is the last channel.</summary>
internal static class Premultiplication
{
    public static byte[] Multiply(ReadOnlySpan<byte> source, int channels)
    {
        byte[] multiplied = Image.Allocate("a resized picture", source.Length, 1, 1);
        for (int i = 0; i < multiplied.Length; i += channels)
        {
            byte alpha = source[i + channels - 1];
            for (int c = 0; c < channels - 1; c++) multiplied[i + c] = (byte)PixelConversion.MulDiv255(source[i + c], alpha);
            multiplied[i + channels - 1] = alpha;
        }
        return multiplied;
    }

    public static void Divide(Span<byte> pixels, int channels)
    {
        for (int i = 0; i < pixels.Length; i += channels)
        {
            int alpha = pixels[i + channels - 1];
            if (alpha is 0 or 255) continue;
            for (int c = 0; c < channels - 1; c++) pixels[i + c] = (byte)Math.Min(255, 255 * pixels[i + c] / alpha);
        }
    }
}
