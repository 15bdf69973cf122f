namespace MmKernels.Data.Images.Bmp;

/// <summary>RLE8 and RLE4. Pixels that are jumped over keep index 0; the data must reach the last row.</summary>
internal static class BmpRunLength
{
    public static byte[] Decode(ReadOnlySpan<byte> data, BmpHeader header, string name)
    {
        // Two bytes go on by 255 pixels at most: a file too short to reach the last corner is refused before memory is taken.
        if (data.Length / 2 * 255L < (long)header.Width + header.Height - 2)
            throw ImageErrors.Truncated(name, "BMP", $"the run lengths: {data.Length} bytes cannot reach across {header.Width} x {header.Height} pixels");
        byte[] indices = Image.Allocate(name, header.Width, header.Height, 1);
        int x = 0, row = 0, at = 0;
        bool nibbles = header.Compression == BmpCompression.Rle4;
        while (true)
        {
            if (data.Length - at < 2) throw ImageErrors.Truncated(name, "BMP", "the run lengths");
            int count = data[at], value = data[at + 1];
            at += 2;
            if (count > 0)
            {
                Span<byte> run = Pixels(indices, header, x, row, count, name);
                for (int i = 0; i < count; i++) run[i] = nibbles ? (byte)((i & 1) == 0 ? value >> 4 : value & 15) : (byte)value;
                x += count;
            }
            else if (value == 0) (x, row) = (0, row + 1);
            else if (value == 1)
            {
                if (row < header.Height - 1 || (row == header.Height - 1 && x < header.Width)) throw ImageErrors.Truncated(name, "BMP", $"the run lengths: they stop at row {row} of {header.Height}");
                return indices;
            }
            else if (value == 2)
            {
                if (data.Length - at < 2) throw ImageErrors.Truncated(name, "BMP", "the run lengths");
                (x, row, at) = (x + data[at], row + data[at + 1], at + 2);
                Pixels(indices, header, x, row, 0, name);
            }
            else
            {
                int bytes = nibbles ? (value + 1) / 2 : value;
                if (data.Length - at < bytes) throw ImageErrors.Truncated(name, "BMP", "the run lengths");
                Span<byte> run = Pixels(indices, header, x, row, value, name);
                for (int i = 0; i < value; i++) run[i] = nibbles ? (byte)((data[at + i / 2] >> ((i & 1) == 0 ? 4 : 0)) & 15) : data[at + i];
                x += value;
                at += (bytes + 1) & ~1;
            }
        }
    }

    /// <summary>The <paramref name="count"/> pixels from x of the row, counted from the bottom.</summary>
    private static Span<byte> Pixels(byte[] indices, BmpHeader header, int x, int row, int count, string name)
    {
        if (row >= header.Height || x > header.Width - count) throw ImageErrors.Damaged(name, "BMP", $"a run of {count} pixels at ({x}, {row} from the bottom) leaves the picture of {header.Width} x {header.Height}");
        return indices.AsSpan((header.Height - 1 - row) * header.Width + x, count);
    }
}
