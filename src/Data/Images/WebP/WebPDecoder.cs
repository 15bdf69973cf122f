namespace MmKernels.Data.Images.WebP;

/// <summary>Decodes WebP through the system's libwebp; of an animation the first frame on its transparent screen.</summary>
internal static class WebPDecoder
{
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8);

    public static Image Decode(byte[] bytes, string name, ImageLimits limits)
    {
        WebPFile file = WebPFile.Read(bytes, name);
        WebPLibrary library = WebPLibrary.Instance ?? throw ImageErrors.NoLibrary(name, "WebP", "libwebp", "libwebp7");
        (int width, int height) = library.Size(file.Still) ?? throw ImageErrors.Damaged(name, "WebP", "libwebp refuses its header");
        if ((long)width * height > limits.MaxPixels) throw ImageErrors.TooLarge(name, width, height, limits);
        int channels = file.HasAlpha ? 4 : 3;
        byte[] pixels = Image.Allocate(name, width, height, channels);
        if (!library.Decode(file.Still, pixels, width * channels, file.HasAlpha)) throw ImageErrors.Damaged(name, "WebP", "libwebp cannot decode it");
        var frame = new Image(width, height, file.HasAlpha ? PixelMode.Rgba : PixelMode.Rgb, pixels) { Orientation = file.Orientation };

        (int screenWidth, int screenHeight) = file.Screen;
        if (screenWidth == 0) return frame;
        if ((long)screenWidth * screenHeight > limits.MaxPixels) throw ImageErrors.TooLarge(name, screenWidth, screenHeight, limits);
        return Framing.Window(frame, -file.Offset.Left, -file.Offset.Top, screenWidth, screenHeight, [0, 0, 0, 0]);
    }
}
