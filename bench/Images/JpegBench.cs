using MmKernels.Data.Images;

namespace MmKernels.Bench;

/// <summary>Decode, and decode with the Pillow-exact resize to 336, of a 12-megapixel JPEG, next to libturbojpeg's decode of the same file. One thread each.</summary>
internal static class JpegBench
{
    private const int Width = 4000, Height = 3000;

    public static int Run()
    {
        if (TurboJpeg.Load() is not { } turbo)
        {
            Console.Error.WriteLine("libturbojpeg is not on this machine (Debian: apt install libturbojpeg0); give a JPEG file to time the managed decoder alone");
            return 1;
        }
        byte[] scenery = Scenery.Create(Width, Height);
        foreach ((string name, int subsampling, bool progressive) in new[] { ("4:2:0", 2, false), ("4:4:4", 0, false), ("4:2:0 progressive", 2, true) })
            Measure($"{name} q90", turbo.Encode(scenery, Width, Height, subsampling, 90, progressive), turbo);
        return 0;
    }

    public static int RunFile(string path)
    {
        Measure(Path.GetFileName(path), File.ReadAllBytes(path), TurboJpeg.Load());
        return 0;
    }

    private static void Measure(string name, byte[] jpeg, TurboJpeg? turbo)
    {
        Image image = ImageFile.Decode(jpeg);
        (int width, int height) = image.Width < image.Height ? (336, (int)(336.0 * image.Height / image.Width)) : ((int)(336.0 * image.Width / image.Height), 336);
        var rgb = new byte[image.Width * image.Height * 3];
        double[] times = Timing.Best(
            () => ImageFile.Decode(jpeg), () => Resampler.Resize(ImageFile.Decode(jpeg), width, height, ResampleFilter.Bicubic), () => turbo?.Decode(jpeg, rgb, image.Width, image.Height));
        Console.Write($"{name} {image.Width} x {image.Height}, {jpeg.Length / 1e6:0.0} MB: decode {times[0]:0.0} ms, with resize to {width} x {height} {times[1]:0.0} ms");
        if (turbo is not null)
            Console.Write($"; libturbojpeg decode {times[2]:0.0} ms, ratio {times[0] / times[2]:0.00} (with resize {times[1] / times[2]:0.00}), {(rgb.AsSpan().SequenceEqual(image.Pixels) ? "same bytes" : "OTHER BYTES")}");
        Console.WriteLine();
    }
}
