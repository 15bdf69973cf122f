using System.Numerics;

namespace MmKernels.Kernels;

/// <summary>y[i] = x[0] + ... + x[i], row by row.</summary>
/// <remarks>
/// shapes  : x [.., columns] of F32 or I32 -> y like x
/// launch  : one block of 256 threads per row; 256 elements per step, warps scan with shuffles, their totals pass through shared memory
/// traffic : each element read and written once
/// numbers : I32 exact (wrapping); F32 in a fixed order, each sum a tree of depth 13 within a step and a chain over steps
/// source  : Blelloch 1990; within a warp Hillis, Steele 1986
/// </remarks>
public static class PrefixSumKernel
{
    private const int GroupSize = 256;
    private const int Warps = GroupSize / Warp.WarpSize;

    /// <summary>Running sums over the last dimension, of x's shape and type.</summary>
    public static Tensor PrefixSum(this Graph g, Tensor x)
    {
        g.Require(x.DType is DType.F32 or DType.I32, x);
        Tensor y = g.New(x.DType, x.Shape.Dims);
        g.Launch(new KernelRef(typeof(PrefixSumKernel), nameof(Kernel), x.DType == DType.F32 ? typeof(float) : typeof(int)), Rows.Count(g, x), GroupSize, x, y, x.Shape[^1]);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int columns) where T : unmanaged, IAdditionOperators<T, T, T>
    {
        ArrayView<T> totals = SharedMemory.Allocate<T>(Warps);
        long row = (long)Grid.IdxX * columns;
        In<T> xs = x.SubView(row);
        Out<T> ys = y.SubView(row);
        int lane = Warp.LaneIdx, warp = Warp.WarpIdx;
        T before = default;
        for (int first = 0; first < columns; first += GroupSize)
        {
            int i = first + Group.IdxX;
            T sum = default;
            if (i < columns) sum = xs[i];
            for (int delta = Unroll.From(1); delta < Warp.WarpSize; delta <<= 1)
            {
                T left = Warp.ShuffleUp(sum, delta);
                if (lane >= delta) sum += left;
            }
            if (lane == Warp.WarpSize - 1) totals[warp] = sum;
            Group.Barrier();
            T all = before;
            for (int w = Unroll.From(0); w < Warps; w++)
            {
                if (w == warp) before = all;
                all += totals[w];
            }
            if (i < columns) ys[i] = before + sum;
            before = all;
            Group.Barrier();   // everyone has read the totals
        }
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int columns)
    {
        for (int i = 0; i < x.Length; i++) y[i] = x[i] + (i % columns == 0 ? 0 : y[i - 1]);
    }
}
