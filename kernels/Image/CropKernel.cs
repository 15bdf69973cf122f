namespace MmKernels.Kernels;

/// <summary>A window of a picture; where it reaches beyond the picture it has one colour.</summary>
/// <remarks>
/// shapes  : image U8 [height, width, 3] -> y U8 [rows, columns, 3]
/// launch  : grid (bytes of a row / 256, rows), group 256, one byte per thread
/// traffic : each byte read and written once; memory bound
/// numbers : exact
/// </remarks>
public static class CropKernel
{
    private const int GroupSize = 256;

    /// <summary>Rows top to top + rows - 1 and columns left to left + columns - 1, of which both may lie outside.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">U8 [height, width, 3].</param>
    /// <param name="top">First row; negative to pad above.</param>
    /// <param name="left">First column; negative to pad at the left.</param>
    /// <param name="rows">Height of the window.</param>
    /// <param name="columns">Width of the window.</param>
    /// <param name="fill">The colour outside, 0xRRGGBB.</param>
    public static Tensor Crop(this Graph g, Tensor image, int top, int left, int rows, int columns, uint fill = 0)
    {
        (int height, int width, int channels) = image.Shape;
        g.Require(image.DType == DType.U8 && channels == 3 && image.Shape.Elements is > 0 and < int.MaxValue / 2, image);
        Tensor y = g.New(DType.U8, rows, columns, 3);
        g.Require(y.Shape.Elements is > 0 and < int.MaxValue / 2, y);
        g.Launch(new KernelRef(typeof(CropKernel), nameof(Kernel)), new Dim3((3 * columns + GroupSize - 1) / GroupSize, rows), GroupSize,
            image, y, height, width, top, left, columns, fill);
        return y;
    }

    internal static void Kernel(In<byte> image, Out<byte> y, int height, int width, int top, int left, int columns, uint fill)
    {
        int i = Grid.IdxX * GroupSize + Group.IdxX;
        if (i >= 3 * columns) return;
        int column = i / 3, channel = i - 3 * column;
        int row = top + Grid.IdxY, x = left + column;
        bool inside = row >= 0 && row < height && x >= 0 && x < width;
        int colour = (int)(fill >> (16 - 8 * channel)) & 255;
        y[Grid.IdxY * 3 * columns + i] = inside ? image[(row * width + x) * 3 + channel] : (byte)colour;
    }

    public static void Reference(ReadOnlySpan<byte> image, Span<byte> y, int height, int width, int top, int left, int columns, uint fill)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int row = top + i / (3 * columns), column = left + i / 3 % columns;
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            y[i] = inside ? image[(row * width + column) * 3 + i % 3] : (byte)(fill >> (16 - 8 * (i % 3)));
        }
    }
}
