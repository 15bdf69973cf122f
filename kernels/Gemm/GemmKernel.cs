namespace MmKernels.Kernels;

/// <summary>Rows of y that a block computes, as a type argument of <see cref="GemmKernel"/>.</summary>
internal interface IGemmRows
{
    static abstract int Rows { get; }
}

/// <summary>y = f(x · wᵀ + bias) + residual.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k], bias [n], residual [m, n] -> y [m, n]; any m, n, k ≥ 1
/// launch  : grid (n / 64, m / rows), group 4 · rows for rows = 16, 64 or 128; 4 x 4 results per thread; tiles of x and w, 16 deep, in 5 to 12 KB of shared memory
/// traffic : 2·m·n·k operations; x read n / 64 times, w m / rows times; compute bound from m about 64 on
/// numbers : each result one chain of f32 fused multiply-adds over k in ascending order, whatever m and n: rows do not depend on each other;
///           within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type
/// </remarks>
public static class GemmKernel
{
    private const int Columns = 64;   // of a block
    private const int Depth = 16;     // of a step along k
    private const int PerThread = 4;  // rows and columns of a thread

    /// <summary>y = f(x · wᵀ + bias) + residual; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemm(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = (int)(x.Shape.Elements / k);
        (Type type, int rows) = m <= 16 ? (typeof(Rows16), 16) : m <= 64 ? (typeof(Rows64), 64) : (typeof(Rows128), 128);
        g.Launch(new KernelRef(typeof(GemmKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function, type),
            new Dim3((n + Columns - 1) / Columns, (m + rows - 1) / rows), PerThread * rows,
            x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, m, n, k);
        return y;
    }

    internal static void Kernel<T, TW, TFunction, TRows>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
        where TRows : struct, IGemmRows
    {
        ArrayView<float> xs = SharedMemory.Allocate<float>(TRows.Rows * Depth);   // [row][depth]
        ArrayView<float> ws = SharedMemory.Allocate<float>(Depth * Columns);      // [depth][column]
        ArrayView<float> sums = LocalMemory.Allocate<float>(PerThread * PerThread);
        ArrayView<float> b = LocalMemory.Allocate<float>(PerThread);

        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        int firstRow = Grid.IdxY * TRows.Rows, firstColumn = Grid.IdxX * Columns;
        for (int i = Unroll.From(0); i < PerThread * PerThread; i++) sums[i] = 0f;

        // Beyond the last row of x or w the last one is read again; nobody stores what comes of it.
        for (int k0 = 0; k0 < k; k0 += Depth)
        {
            int depth = k0 + tx;
            if (k0 + Depth <= k)
            {
                for (int i = Unroll.From(0); i < TRows.Rows; i += TRows.Rows / 4)
                    xs[(ty + i) * Depth + tx] = x[(long)XMath.Min(firstRow + ty + i, m - 1) * k + depth];
                for (int i = Unroll.From(0); i < Columns; i += TRows.Rows / 4)
                    ws[tx * Columns + ty + i] = w[(long)XMath.Min(firstColumn + ty + i, n - 1) * k + depth];
            }
            else
            {
                for (int i = Unroll.From(0); i < TRows.Rows; i += TRows.Rows / 4)
                    xs[(ty + i) * Depth + tx] = depth < k ? x[(long)XMath.Min(firstRow + ty + i, m - 1) * k + depth] : 0f;
                for (int i = Unroll.From(0); i < Columns; i += TRows.Rows / 4)
                    ws[tx * Columns + ty + i] = depth < k ? w[(long)XMath.Min(firstColumn + ty + i, n - 1) * k + depth] : 0f;
            }
            Group.Barrier();
            for (int d = Unroll.From(0); d < Depth; d++)
            {
                for (int j = Unroll.From(0); j < PerThread; j++) b[j] = ws[d * Columns + tx + 16 * j];
                for (int i = Unroll.From(0); i < PerThread; i++)
                {
                    float a = xs[(ty * PerThread + i) * Depth + d];
                    for (int j = Unroll.From(0); j < PerThread; j++) sums[i * PerThread + j] = XMath.Fma(a, b[j], sums[i * PerThread + j]);
                }
            }
            Group.Barrier();
        }

        for (int j = Unroll.From(0); j < PerThread; j++)
            b[j] = bias.View.IntLength > 0 ? bias[XMath.Min(firstColumn + tx + 16 * j, n - 1)] : 0f;
        for (int i = Unroll.From(0); i < PerThread; i++)
        {
            int row = firstRow + ty * PerThread + i;
            for (int j = Unroll.From(0); j < PerThread; j++)
            {
                int column = firstColumn + tx + 16 * j;
                if (row < m && column < n)
                {
                    long at = (long)row * n + column;
                    float value = TFunction.Apply(sums[i * PerThread + j] + b[j]);
                    if (residual.View.Length > 0) value += residual[at];
                    y[at] = (T)value;
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

    private readonly struct Rows16 : IGemmRows { public static int Rows => 16; }

    private readonly struct Rows64 : IGemmRows { public static int Rows => 64; }

    private readonly struct Rows128 : IGemmRows { public static int Rows => 128; }
}
