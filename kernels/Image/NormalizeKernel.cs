namespace MmKernels.Kernels;

/// <summary>Turns a window of an 8-bit picture into a model's input, in one piece or in tiles: every byte through its channel's table of 256 numbers.</summary>
/// <remarks>
/// shapes  : image U8 [height, width, 3], table F32 [3, 256] -> y F32 [3, rows, columns], tiles F32 [tiles, 3, rows, columns], or patches F32 [rows/p · columns/p, 3 · p · p]
/// launch  : grid (columns / 256, rows, 3 · tiles), group 256; for patches one warp per patch, group 128
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
        LaunchPlanes(g, image, table, y, top, left, rows, columns, 1, 1, fill);
        return y;
    }

    /// <summary>The window cut into tiles, row by row.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="image">U8 [height, width, 3].</param>
    /// <param name="table">F32 [3, 256]: the number for each byte of each channel.</param>
    /// <param name="tiles">F32 [tiles, 3, rows, columns], which is written.</param>
    /// <param name="top">First row of the window; it may reach beyond the picture on every side.</param>
    /// <param name="left">First column of the window.</param>
    /// <param name="perRow">Tiles from left to right; a divisor of their number.</param>
    /// <param name="fill">The colour outside the picture before the table, 0xRRGGBB.</param>
    public static void NormalizeTiles(this Graph g, Tensor image, Tensor table, Tensor tiles, int top, int left, int perRow, uint fill = 0)
    {
        g.Require(tiles.DType == DType.F32 && tiles.Shape.Rank == 4 && tiles.Shape[1] == 3 && tiles.Shape.Elements < int.MaxValue / 2, tiles);
        (int count, _, int rows, int columns) = tiles.Shape;
        g.Require(perRow > 0 && count > 0 && count % perRow == 0 && count < 65536 / 3, tiles);
        Check(g, image, table, rows, columns);
        LaunchPlanes(g, image, table, tiles, top, left, rows, columns, count, perRow, fill);
    }

    private static void LaunchPlanes(Graph g, Tensor image, Tensor table, Tensor y, int top, int left, int rows, int columns, int tiles, int perRow, uint fill)
        => g.Launch(new KernelRef(typeof(NormalizeKernel), nameof(Planes)), new Dim3((columns + GroupSize - 1) / GroupSize, rows, 3 * tiles), GroupSize,
            image, table, y, image.Shape[0], image.Shape[1], top, left, columns, perRow, fill);

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

    internal static void Planes(In<byte> image, In<float> table, Out<float> y, int height, int width, int top, int left, int columns, int perRow, uint fill)
    {
        int column = Grid.IdxX * GroupSize + Group.IdxX;
        if (column >= columns) return;
        int tile = Grid.IdxZ / 3, channel = Grid.IdxZ - 3 * tile, row = Grid.IdxY;
        int y0 = top + tile / perRow * Grid.DimY, x0 = left + tile % perRow * columns;
        y[(Grid.IdxZ * Grid.DimY + row) * columns + column] = table[channel * 256 + Pixel(image, height, width, y0 + row, x0 + column, channel, fill)];
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

    /// <summary>The window as planes, tile by tile.</summary>
    public static void Reference(ReadOnlySpan<byte> image, ReadOnlySpan<float> table, Span<float> y, int height, int width, int top, int left, int rows, int columns, int perRow, uint fill)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int tile = i / (3 * rows * columns), channel = i / (rows * columns) % 3;
            int row = top + tile / perRow * rows + i / columns % rows, column = left + tile % perRow * columns + i % columns;
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            y[i] = table[channel * 256 + (inside ? image[(row * width + column) * 3 + channel] : (byte)(fill >> (16 - 8 * channel)))];
        }
    }
}
