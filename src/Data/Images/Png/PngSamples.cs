namespace MmKernels.Data.Images.Png;

/// <summary>Turns a reconstructed row into 8-bit channels, with Pillow's rules for depths other than 8.</summary>
internal static class PngSamples
{
    /// <summary>Writes <paramref name="width"/> pixels to <paramref name="target"/>, one every <paramref name="step"/> bytes.</summary>
    public static void Unpack(PngHeader header, ReadOnlySpan<byte> row, int width, Span<byte> target, int step)
    {
        if (header.Depth < 8) UnpackBits(header, row, width, target, step);
        else if (header.Depth == 16) Unpack16(header, row, width, target, step);
        else if (step == header.Samples) row.CopyTo(target);
        else
            for (int x = 0; x < width; x++)
                row.Slice(x * header.Samples, header.Samples).CopyTo(target[(x * step)..]);
    }

    private static void UnpackBits(PngHeader header, ReadOnlySpan<byte> row, int width, Span<byte> target, int step)
    {
        int depth = header.Depth, mask = (1 << depth) - 1;
        int scale = header.Colour == PngColour.Palette ? 1 : 255 / mask;
        for (int x = 0; x < width; x++)
        {
            int bit = x * depth;
            int value = (row[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
            target[x * step] = (byte)(value * scale);
        }
    }

    private static void Unpack16(PngHeader header, ReadOnlySpan<byte> row, int width, Span<byte> target, int step)
    {
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<byte> samples = row.Slice(x * header.Samples * 2, header.Samples * 2);
            Span<byte> pixel = target[(x * step)..];
            switch (header.Colour)
            {
                case PngColour.Gray:
                    pixel[0] = samples[0] != 0 ? (byte)255 : samples[1];   // saturated, as Pillow converts I;16
                    break;
                case PngColour.GrayAlpha:
                    pixel[0] = pixel[1] = pixel[2] = samples[0];
                    pixel[3] = samples[2];
                    break;
                default:
                    for (int c = 0; c < header.Samples; c++) pixel[c] = samples[2 * c];
                    break;
            }
        }
    }
}
