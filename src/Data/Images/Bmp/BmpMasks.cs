using System.Numerics;

namespace MmKernels.Data.Images.Bmp;

/// <summary>Which bits of a 16- or 32-bit pixel belong to which channel; a mask of 0 for alpha means opaque.</summary>
internal readonly record struct BmpMasks(uint Red, uint Green, uint Blue, uint Alpha)
{
    public static BmpMasks Default(int depth) => depth == 16 ? new BmpMasks(0x7c00, 0x03e0, 0x001f, 0) : new BmpMasks(0xff0000, 0xff00, 0xff, 0);

    public void Check(int depth, string name)
    {
        foreach (uint mask in (ReadOnlySpan<uint>)[Red, Green, Blue, Alpha])
        {
            uint bits = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);
            bool fits = (bits & (bits + 1)) == 0 && bits <= 255 && (depth == 32 || mask <= 0xffff);
            if (!fits) throw ImageErrors.Unsupported(name, "BMP", $"the bit masks {Red:x8} {Green:x8} {Blue:x8} {Alpha:x8}");
        }
        if (Red == 0 || Green == 0 || Blue == 0) throw ImageErrors.Unsupported(name, "BMP", $"the bit masks {Red:x8} {Green:x8} {Blue:x8} {Alpha:x8}");
    }

    /// <summary>The channel under <paramref name="mask"/>, widened to 8 bits by v · 255 / largest, rounded down.</summary>
    public static byte Extract(uint pixel, uint mask)
    {
        int shift = BitOperations.TrailingZeroCount(mask);
        return (byte)(((pixel & mask) >> shift) * 255 / (mask >> shift));
    }
}
