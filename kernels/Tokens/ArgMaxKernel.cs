namespace MmKernels.Kernels;

/// <summary>The column of the largest value of each row; among equals the lowest. NaN counts as larger than every number, as in PyTorch.</summary>
/// <remarks>
/// shapes  : x [.., columns] -> y I32 [rows]
/// launch  : one block of 256 threads per row
/// traffic : x read once; memory bound
/// numbers : exact
/// </remarks>
public static class ArgMaxKernel
{
    private const int GroupSize = 256;
    private const int Warps = GroupSize / Warp.WarpSize;

    /// <summary>I32 [rows]: the position of the maximum over the last dimension.</summary>
    public static Tensor ArgMax(this Graph g, Tensor x)
    {
        int rows = Rows.Count(g, x);
        Tensor y = g.New(DType.I32, rows);
        g.Launch(new KernelRef(typeof(ArgMaxKernel), nameof(Kernel), KernelRef.Element(x.DType)), rows, GroupSize, x, y, x.Shape[^1]);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<int> y, int columns) where T : unmanaged, IElement<T>
    {
        ArrayView<int> keys = SharedMemory.Allocate<int>(Warps);
        ArrayView<int> places = SharedMemory.Allocate<int>(Warps);
        In<T> row = x.SubView((long)Grid.IdxX * columns);

        int best = int.MinValue, place = int.MaxValue;
        for (int i = Group.IdxX; i < columns; i += GroupSize)
        {
            int key = Largest.Key(row[i]);
            place = key > best ? i : place;
            best = XMath.Max(key, best);
        }
        Largest.MergeBlock(ref best, ref place, Warps, keys, places);
        if (Group.IdxX == 0) y[Grid.IdxX] = place;
    }

    public static void Reference(ReadOnlySpan<float> x, Span<int> y, int columns)
    {
        for (int row = 0; row < y.Length; row++)
        {
            int best = 0;
            for (int i = 1; i < columns; i++)
            {
                float value = x[row * columns + i], top = x[row * columns + best];
                if (value > top || (float.IsNaN(value) && !float.IsNaN(top))) best = i;
            }
            y[row] = best;
        }
    }
}
