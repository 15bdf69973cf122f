using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Tests;

/// <summary>The pictures that fixtures give by formula: byte(x, y, c) = ((7x + 13y + 29c + ((x·y) >> 3) + 17k) ^ (x >> 2) ^ (y >> 3)) &amp; 255.</summary>
internal static class FormulaPicture
{
    public static Image Create(JsonElement formula)
    {
        int width = formula.GetProperty("w").GetInt32(), height = formula.GetProperty("h").GetInt32();
        int channels = formula.GetProperty("channels").GetInt32(), k = formula.GetProperty("k").GetInt32();
        var bytes = new byte[width * height * channels];
        for (int y = 0, i = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++, i++)
                    bytes[i] = (byte)((7 * x + 13 * y + 29 * c + ((x * y) >> 3) + 17 * k) ^ (x >> 2) ^ (y >> 3));
        return new Image(width, height, ModeOf(channels), bytes);
    }

    public static PixelMode ModeOf(int channels) => channels switch { 1 => PixelMode.Gray, 2 => PixelMode.GrayAlpha, 3 => PixelMode.Rgb, _ => PixelMode.Rgba };
}
