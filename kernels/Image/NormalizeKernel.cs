namespace MmKernels.Kernels;

/// <summary>Turns a window of an 8-bit picture into a model's input: every byte through its channel's table of 256 numbers.</summary>
/// <remarks>
/// shapes  : image U8 [height, width, 3], table F32 [3, 256] -> y F32 [3, rows, columns], or patches F32 [rows/p · columns/p, 3 · p · p]
/// launch  : grid (columns / 256, rows, 3), group 256; for patches one warp per patch, group 128
/// traffic : one byte read, four written per result; memory bound
/// numbers : exact: the table holds what rescaling and normalising give for each byte
/// </remarks>
public static class NormalizeKernel
{
    private const int GroupSize = 256;

    /// <summary>The window as planes: [3, rows, columns].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">U8 [height, width, 3].</param>
    /// <param name="table">F32 [3, 256]: the number for each byte of each channel.</param>
    /// <param name="top">First row of the window; it may reach beyond the picture on every side.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="rows">Height of the window.</param>
    /// <param name="columns">Width of the window.</param>
    /// <param name="fill">The colour outside the picture before the table, 0xRRGGBB.</param>
    public static Tensor Normalize(this Graph g, Tensor image, Tensor table, int top, int left, int rows, int columns, uint fill = 0)
    {
        Check(g, image, table, rows, columns);
        Tensor y = g.New(DType.F32, 3, rows, columns);
        g.Launch(new KernelRef(typeof(NormalizeKernel), nameof(Planes)), new Dim3((columns + GroupSize - 1) / GroupSize, rows, 3), GroupSize,
            image, table, y, image.Shape[0], image.Shape[1], top, left, columns, fill);
        return y;
    }

    /// <summary>The window as rows of patches, in the order of <see cref="PatchEmbedKernel.Patchify"/>: [rows/patch · columns/patch, 3 · patch · patch].</summary>
    public static Tensor NormalizePatches(this Graph g, Tensor image, Tensor table, int top, int left, int rows, int columns, int patch, uint fill = 0)
    {
        Check(g, image, table, rows, columns);
        g.Require(patch > 0 && rows >= patch && columns >= patch, image);
        int patches = rows / patch * (columns / patch);
        Tensor y = g.New(DType.F32, patches, 3 * patch * patch);
        g.Launch(new KernelRef(typeof(NormalizeKernel), nameof(Patches)), Rows.Blocks(patches), Rows.GroupSize,
            image, table, y, image.Shape[0], image.Shape[1], top, left, patches, columns / patch, patch, fill);
        return y;
    }

    private static void Check(Graph g, Tensor image, Tensor table, int rows, int columns)
    {
        g.Require(image.DType == DType.U8 && image.Shape.Rank == 3 && image.Shape[2] == 3 && image.Shape.Elements is > 0 and < int.MaxValue / 2, image);
        g.Require(table.DType == DType.F32 && table.Shape == new Shape(3, 256), table);
        g.Require(rows > 0 && columns > 0 && 3L * rows * columns < int.MaxValue / 2, image);
    }

    internal static void Planes(In<byte> image, In<float> table, Out<float> y, int height, int width, int top, int left, int columns, uint fill)
    {
        int column = Grid.IdxX * GroupSize + Group.IdxX;
        if (column >= columns) return;
        int channel = Grid.IdxZ, row = Grid.IdxY;
        y[(channel * Grid.DimY + row) * columns + column] = table[channel * 256 + Pixel(image, height, width, top + row, left + column, channel, fill)];
    }

    internal static void Patches(In<byte> image, In<float> table, Out<float> y, int height, int width, int top, int left, int patches, int perRow, int patch, uint fill)
    {
        int index = Rows.Row;
        if (index >= patches) return;
        int size = 3 * patch * patch;
        int row = top + index / perRow * patch, column = left + index % perRow * patch;
        for (int i = Warp.LaneIdx; i < size; i += Warp.WarpSize)
        {
            int line = i / patch, channel = line / patch;
            int dy = line - channel * patch, dx = i - line * patch;
            y[index * size + i] = table[channel * 256 + Pixel(image, height, width, row + dy, column + dx, channel, fill)];
        }
    }

    private static int Pixel(In<byte> image, int height, int width, int row, int column, int channel, uint fill)
    {
        bool inside = row >= 0 && row < height && column >= 0 && column < width;
        return inside ? image[(row * width + column) * 3 + channel] : (int)(fill >> (16 - 8 * channel)) & 255;
    }

    /// <summary>The window as planes.</summary>
    public static void Reference(ReadOnlySpan<byte> image, ReadOnlySpan<float> table, Span<float> y, int height, int width, int top, int left, int rows, int columns, uint fill)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int channel = i / (rows * columns), row = top + i / columns % rows, column = left + i % columns;
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            y[i] = table[channel * 256 + (inside ? image[(row * width + column) * 3 + channel] : (byte)(fill >> (16 - 8 * channel)))];
        }
    }
}
