namespace MmKernels.Bench;

/// <summary>A picture whose JPEG is about as large as a photograph's: smooth shading, edges, and fine grain that fades in and out.</summary>
internal static class Scenery
{
    public static byte[] Create(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        uint noise = 1;
        for (int y = 0, i = 0; y < height; y++)
            for (int x = 0; x < width; x++, i += 3)
            {
                noise = noise * 1664525 + 1013904223;
                int grain = (int)(noise >> 24) * (1 + (x >> 8) % 5 * ((y >> 8) % 4)) / 40;
                int edge = ((x / 37) ^ (y / 53)) % 7 * 9;
                int shade = (int)(90 + (60 * Math.Sin(x * 0.0021 + y * 0.0013)));
                rgb[i] = (byte)Math.Clamp(shade + edge + grain, 0, 255);
                rgb[i + 1] = (byte)Math.Clamp(shade + grain + ((x + y) >> 6), 0, 255);
                rgb[i + 2] = (byte)Math.Clamp(200 - shade + edge / 2 + grain, 0, 255);
            }
        return rgb;
    }
}
