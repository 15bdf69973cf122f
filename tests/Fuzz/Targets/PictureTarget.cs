using MmKernels.Data.Images;
using MmKernels.Tests;

namespace MmKernels.Fuzz;

/// <summary>One picture format: decoded under a small limit, then converted in every way.</summary>
public abstract class PictureTarget : FuzzTarget
{
    /// <summary>A megapixel, so that what an input may cost is set by the limit and not by what it declares.</summary>
    private static readonly ImageLimits limits = new() { MaxPixels = 1 << 20 };

    /// <summary>The format's folder in goldens/images and goldens/images/bad.</summary>
    protected abstract string Folder { get; }

    public override IEnumerable<byte[]> Seeds()
        => Goldens.Folders("images", firstOfRepository: true)
            .SelectMany(folder => new[] { Path.Combine(folder, Folder), Path.Combine(folder, "bad", Folder) }.Where(Directory.Exists))
            .SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>
    /// Decoding may take twice the declared bytes, and the three conversions as much as they make: 4 + 4 + 3 bytes a pixel. Planes of JPEG are whole MCUs,
    /// 32 x 32 at most, and progressive files hold two bytes a coefficient.
    /// </summary>
    public override long MaxAllocatedBytes(int inputBytes) => limits.MaxPixels * (2 * 4 + 4 + 4 + 3) + (4L << 20) + (16L * inputBytes);

    public override void Run(byte[] input)
    {
        Image image = ImageFile.Decode(input, "fuzz", limits);
        GC.KeepAlive(image.ToRgb());
        GC.KeepAlive(image.ToRgba());
        GC.KeepAlive(image.Upright());
        GC.KeepAlive(image.HasTransparency);
    }
}
