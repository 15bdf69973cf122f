using MmKernels.Data.Images;

namespace MmKernels.Bench;

/// <summary>The Pillow-exact resize alone, in gigabytes of pixels read per second on one thread.</summary>
internal static class ResizeBench
{
    public static int Run()
    {
        var wide = new Image(4000, 3000, PixelMode.Rgb, Scenery.Create(4000, 3000));
        var tall = new Image(3000, 4000, PixelMode.Rgb, Scenery.Create(3000, 4000));
        foreach ((Image image, int width, int height) in new[] { (wide, 448, 336), (wide, 336, 336), (tall, 336, 448), (wide, 1344, 1008), (tall, 2100, 2100) })
        {
            double time = Timing.Best(() => Resampler.Resize(image, width, height, ResampleFilter.Bicubic))[0];
            Console.WriteLine($"bicubic {image.Width} x {image.Height} -> {width} x {height}: {time:0.0} ms, {image.Pixels.Length / time / 1e6:0.00} GB/s");
        }
        return 0;
    }
}
