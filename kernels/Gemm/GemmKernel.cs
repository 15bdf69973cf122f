namespace MmKernels.Kernels;

/// <summary>y = f(x · wᵀ + bias) + residual.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k], bias [n], residual [m, n] -> y [m, n]; any m, n, k ≥ 1
/// launch  : grid (n / 64, m / 64), group 256, 4 x 4 results per thread, shared 8 KB: tiles of x and w, 16 deep
/// traffic : 2·m·n·k operations; x read n / 64 times, w m / 64 times; compute bound from m about 64 on
/// numbers : each result one chain of f32 fused multiply-adds over k in ascending order, whatever m and n: rows do not depend on each other;
///           within k · 2^-24 · Σ|x·w| of Reference before rounding to the storage type
/// </remarks>
public static class GemmKernel
{
    private const int Tile = 64;      // rows and columns of a block
    private const int Depth = 16;     // of a step along k
    private const int PerThread = 4;  // rows and columns of a thread
    private const int GroupSize = 256;

    /// <summary>y = f(x · wᵀ + bias) + residual; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemm(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = (int)(x.Shape.Elements / k);
        g.Launch(new KernelRef(typeof(GemmKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function),
            new Dim3((n + Tile - 1) / Tile, (m + Tile - 1) / Tile), GroupSize,
            x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, m, n, k);
        return y;
    }

    internal static void Kernel<T, TW, TFunction>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
    {
        ArrayView<float> xs = SharedMemory.Allocate<float>(Tile * Depth);   // [row][depth]
        ArrayView<float> ws = SharedMemory.Allocate<float>(Depth * Tile);   // [depth][column]
        ArrayView<float> sums = LocalMemory.Allocate<float>(PerThread * PerThread);
        ArrayView<float> a = LocalMemory.Allocate<float>(PerThread);
        ArrayView<float> b = LocalMemory.Allocate<float>(PerThread);

        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        int firstRow = Grid.IdxY * Tile, firstColumn = Grid.IdxX * Tile;
        for (int i = Unroll.From(0); i < PerThread * PerThread; i++) sums[i] = 0f;

        for (int k0 = 0; k0 < k; k0 += Depth)
        {
            int depth = k0 + tx;
            for (int i = Unroll.From(0); i < Tile / 16; i++)
            {
                int row = firstRow + ty + 16 * i, column = firstColumn + ty + 16 * i;
                xs[(ty + 16 * i) * Depth + tx] = row < m && depth < k ? x[(long)row * k + depth] : 0f;
                ws[tx * Tile + ty + 16 * i] = column < n && depth < k ? w[(long)column * k + depth] : 0f;
            }
            Group.Barrier();
            for (int d = Unroll.From(0); d < Depth; d++)
            {
                for (int i = Unroll.From(0); i < PerThread; i++) a[i] = xs[(ty * PerThread + i) * Depth + d];
                for (int j = Unroll.From(0); j < PerThread; j++) b[j] = ws[d * Tile + tx + 16 * j];
                for (int i = Unroll.From(0); i < PerThread; i++)
                    for (int j = Unroll.From(0); j < PerThread; j++)
                        sums[i * PerThread + j] = XMath.Fma(a[i], b[j], sums[i * PerThread + j]);
            }
            Group.Barrier();
        }

        for (int j = Unroll.From(0); j < PerThread; j++)
        {
            int column = firstColumn + tx + 16 * j;
            if (column < n)
            {
                float offset = bias.View.IntLength > 0 ? bias[column] : 0f;
                for (int i = Unroll.From(0); i < PerThread; i++)
                {
                    int row = firstRow + ty * PerThread + i;
                    if (row < m)
                    {
                        long at = (long)row * n + column;
                        float value = TFunction.Apply(sums[i * PerThread + j] + offset);
                        if (residual.View.Length > 0) value += residual[at];
                        y[at] = (T)value;
                    }
                }
            }
        }
    }

    /// <summary>An empty bias or residual counts as absent.</summary>
    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> bias, ReadOnlySpan<float> residual, Span<double> y, int k, Activation activation)
    {
        int n = w.Length / k;
        for (int i = 0; i < y.Length; i++)
        {
            int row = i / n, column = i % n;
            double sum = bias.IsEmpty ? 0 : bias[column];
            for (int d = 0; d < k; d++) sum += (double)x[row * k + d] * w[column * k + d];
            y[i] = activation.Reference(sum) + (residual.IsEmpty ? 0 : residual[i]);
        }
    }
}
