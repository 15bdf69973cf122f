namespace MmKernels.Kernels;

/// <summary>Swaps the last two dimensions.</summary>
/// <remarks>
/// shapes  : x [.., rows, columns] -> y [.., columns, rows]
/// launch  : grid (columns / 32, rows / 32, matrices), group 256: a tile of 32 x 32 through shared memory, so that reads and writes are both contiguous
/// traffic : each element read and written once; memory bound
/// numbers : exact
/// </remarks>
public static class TransposeKernel
{
    private const int Tile = 32;
    private const int Stride = Tile + 1;   // neighbours in a column lie in different banks
    private const int GroupSize = 256;
    private const int Lines = GroupSize / Tile;

    /// <summary>x with its last two dimensions swapped, in x's type.</summary>
    public static Tensor Transpose(this Graph g, Tensor x)
    {
        g.Require(x.Shape.Rank >= 2 && x.Shape.Elements > 0, x);
        int rows = x.Shape[^2], columns = x.Shape[^1];
        long matrices = x.Shape.Elements / rows / columns;
        g.Require(matrices < 65536 && rows / Tile < 65535, x);
        int[] dims = x.Shape.Dims.ToArray();
        (dims[^1], dims[^2]) = (rows, columns);
        Tensor y = g.New(x.DType, dims);
        g.Launch(new KernelRef(typeof(TransposeKernel), nameof(Kernel), KernelRef.Element(x.DType)),
            new Dim3((columns + Tile - 1) / Tile, (rows + Tile - 1) / Tile, (int)matrices), GroupSize, x, y, rows, columns);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int rows, int columns) where T : unmanaged, IElement<T>
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(Tile * Stride);
        int tx = Group.IdxX & (Tile - 1), ty = Group.IdxX >> 5;
        int row0 = Grid.IdxY * Tile, column0 = Grid.IdxX * Tile;
        long matrix = (long)Grid.IdxZ * rows * columns;
        In<T> xs = x.SubView(matrix);
        Out<T> ys = y.SubView(matrix);
        for (int i = Unroll.From(0); i < Tile; i += Lines)
        {
            int row = row0 + ty + i, column = column0 + tx;
            if (row < rows && column < columns) tile[(ty + i) * Stride + tx] = xs[(long)row * columns + column];
        }
        Group.Barrier();
        for (int i = Unroll.From(0); i < Tile; i += Lines)
        {
            int row = row0 + tx, column = column0 + ty + i;
            if (row < rows && column < columns) ys[(long)column * rows + row] = (T)tile[tx * Stride + ty + i];
        }
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int rows, int columns)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int matrix = i / (rows * columns), column = i / rows % columns, row = i % rows;
            y[i] = x[(matrix * rows + row) * columns + column];
        }
    }
}
