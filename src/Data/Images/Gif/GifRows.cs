namespace MmKernels.Data.Images.Gif;

/// <summary>Takes a frame's pixels in file order and puts them where they belong on the screen.</summary>
internal sealed class GifRows(byte[] canvas, int canvasWidth, int left, int top, int width, int height, bool interlaced)
{
    private readonly int[] order = interlaced ? InterlacedOrder(height) : [];
    private int x;
    private int row;

    /// <summary>Pixels taken so far.</summary>
    public long Filled => (long)row * width + x;

    public bool Full => row == height;

    /// <summary>Takes pixels; those beyond the last row are dropped.</summary>
    public void Append(ReadOnlySpan<byte> pixels)
    {
        while (!pixels.IsEmpty && row < height)
        {
            int count = Math.Min(pixels.Length, width - x);
            int y = top + (interlaced ? order[row] : row);
            pixels[..count].CopyTo(canvas.AsSpan(y * canvasWidth + left + x));
            pixels = pixels[count..];
            x += count;
            if (x == width) (x, row) = (0, row + 1);
        }
    }

    private static int[] InterlacedOrder(int height)
    {
        var order = new int[height];
        int i = 0;
        foreach ((int first, int step) in new[] { (0, 8), (4, 8), (2, 4), (1, 2) })
            for (int y = first; y < height; y += step) order[i++] = y;
        return order;
    }
}
