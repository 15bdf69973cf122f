using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>Rows of components to pixels, in libjpeg's 16-bit fixed point.</summary>
internal static class JpegColour
{
    /// <summary>Y, Cb, Cr to R, G, B.</summary>
    public static void YccToRgb(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<byte> rgb)
    {
        int width = rgb.Length / 3, x = 0;
        // Two stores of 16 bytes for 24 of pixels: the last ten pixels of a row are done one by one.
        for (; x + 10 <= width; x += 8)
        {
            Vector256<int> y = WidenEight(luma, x), cb = WidenEight(blue, x) - Vector256.Create(128), cr = WidenEight(red, x) - Vector256.Create(128);
            Vector256<int> half = Vector256.Create(32768);
            Vector256<int> r = Clamp(y + ((cr * 91881 + half) >> 16));
            Vector256<int> g = Clamp(y + ((cb * -22554 - cr * 46802 + half) >> 16));
            Vector256<int> b = Clamp(y + ((cb * 116130 + half) >> 16));
            Vector256<byte> packed = (r | (g << 8) | (b << 16)).AsByte();
            Vector128<byte> dropFourth = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            ref byte target = ref MemoryMarshal.GetReference(rgb[(3 * x)..]);
            Vector128.Shuffle(packed.GetLower(), dropFourth).StoreUnsafe(ref target);
            Vector128.Shuffle(packed.GetUpper(), dropFourth).StoreUnsafe(ref target, 12);
        }
        for (; x < width; x++)
        {
            (rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]) = Pixel(luma[x], blue[x], red[x]);
        }
    }

    /// <summary>Y, Cb, Cr, K to C, M, Y, K with 255 as full ink. The file holds inverted inks, so C is the red of Y, Cb, Cr and K is turned.</summary>
    public static void YcckToCmyk(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, ReadOnlySpan<byte> black, Span<byte> cmyk)
    {
        for (int x = 0, o = 0; o < cmyk.Length; x++, o += 4)
        {
            (cmyk[o], cmyk[o + 1], cmyk[o + 2]) = Pixel(luma[x], blue[x], red[x]);
            cmyk[o + 3] = (byte)(255 - black[x]);
        }
    }

    private static (byte R, byte G, byte B) Pixel(int y, int cb, int cr)
    {
        (cb, cr) = (cb - 128, cr - 128);
        return (Clamp(y + ((91881 * cr + 32768) >> 16)), Clamp(y + ((-22554 * cb - 46802 * cr + 32768) >> 16)), Clamp(y + ((116130 * cb + 32768) >> 16)));
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    private static Vector256<int> Clamp(Vector256<int> values) => Vector256.Min(Vector256.Max(values, Vector256<int>.Zero), Vector256.Create(255));

    private static Vector256<int> WidenEight(ReadOnlySpan<byte> row, int x)
    {
        Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(MemoryMarshal.Read<ulong>(row[x..])).AsByte());
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(words);
        return Vector256.Create(low, high).AsInt32();
    }
}
