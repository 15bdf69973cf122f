namespace MmKernels.Data.Images.Jpeg;

/// <summary>Puts the planes of a frame together to an image.</summary>
internal static class JpegOutput
{
    public static Image Assemble(JpegFrame frame, JpegColourSpace colours, int orientation, string name)
    {
        int channels = frame.Components.Length;
        PixelMode mode = channels switch { 1 => PixelMode.Gray, 3 => PixelMode.Rgb, _ => PixelMode.Cmyk };
        byte[] pixels = Image.Allocate(name, frame.Width, frame.Height, channels);
        JpegUpsampler[] rows = Array.ConvertAll(frame.Components, component => new JpegUpsampler(component, frame));
        int stride = frame.Width * channels;
        for (int y = 0; y < frame.Height; y++)
        {
            Span<byte> target = pixels.AsSpan(y * stride, stride);
            switch (colours)
            {
                case JpegColourSpace.YCbCr:
                    JpegColour.YccToRgb(rows[0].Row(y), rows[1].Row(y), rows[2].Row(y), target);
                    break;
                case JpegColourSpace.Ycck:
                    JpegColour.YcckToCmyk(rows[0].Row(y), rows[1].Row(y), rows[2].Row(y), rows[3].Row(y), target);
                    break;
                default:
                    // Pillow takes every four-component file for inverted.
                    for (int c = 0; c < channels; c++) Interleave(rows[c].Row(y), target[c..], channels, channels == 4 ? (byte)255 : (byte)0);
                    break;
            }
        }
        return new Image(frame.Width, frame.Height, mode, pixels) { Orientation = orientation };
    }

    private static void Interleave(ReadOnlySpan<byte> row, Span<byte> target, int channels, byte inversion)
    {
        for (int x = 0, o = 0; o < target.Length; x++, o += channels) target[o] = (byte)(row[x] ^ inversion);
    }
}
