namespace MmKernels.Kernels;

/// <summary>Rows of y that a block computes, as a type argument of <see cref="GemmKernel"/>.</summary>
internal interface IGemmRows
{
    static abstract int Rows { get; }
}

/// <summary>y = f(x · wᵀ + bias) + residual.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k], bias [n], residual [m, n] -> y [m, n]; any m, n, k ≥ 1
/// launch  : grid (n / 64, m / rows), group 4 · rows for rows = 16, 64, 128 or 256; 4 x 4 results per thread; tiles of x and w, 32 deep, in 10 to 40 KB of shared memory
/// traffic : 2·m·n·k operations; x read n / 64 times, w m / rows times; compute bound from m about 64 on
/// numbers : each result one chain of f32 fused multiply-adds over k in ascending order, whatever m and n: rows do not depend on each other;
///           within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type
/// </remarks>
public static class GemmKernel
{
    private const int Columns = 64;   // of a block
    private const int Depth = 32;     // of a step along k
    private const int Lanes = 16;     // that load and multiply side by side
    private const int PerThread = 4;  // rows and columns of a thread

    /// <summary>Above this many multiprocessors a device is better filled by small blocks in one launch.</summary>
    private const int FewMultiprocessors = 32;

    /// <summary>y = f(x · wᵀ + bias) + residual; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemm(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = (int)(x.Shape.Elements / k);
        bias ??= LinearShapes.None(g, w.DType);
        residual ??= LinearShapes.None(g, x.DType);
        for (int row = 0; row < m;)
        {
            (Type type, int rows) = Tile(m - row, g.Accelerator.Multiprocessors > FewMultiprocessors);
            int blocks = rows == 256 ? Math.Max(1, (m - row) / rows) : (m - row + rows - 1) / rows;
            g.Launch(new KernelRef(typeof(GemmKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function, type),
                new Dim3((n + Columns - 1) / Columns, blocks), PerThread * rows, x, w, bias, residual, y, row, m, n, k);
            row += blocks * rows;
        }
        return y;
    }

    /// <summary>The rows of a block, given the rows that are left. Large blocks load w less often; rows beyond x are wasted work.</summary>
    private static (Type Type, int Rows) Tile(int left, bool small) => left switch
    {
        <= 16 => (typeof(Rows16), 16),
        <= 64 => (typeof(Rows64), 64),
        _ when small || left <= 128 => (typeof(Rows128), 128),
        _ => (typeof(Rows256), 256),
    };

    internal static void Kernel<T, TW, TFunction, TRows>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int row0, int m, int n, int k)
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
        int firstRow = row0 + Grid.IdxY * TRows.Rows, firstColumn = Grid.IdxX * Columns;
        for (int i = Unroll.From(0); i < PerThread * PerThread; i++) sums[i] = 0f;

        // Beyond the last row of x or w the last one is read again; nobody stores what comes of it.
        for (int k0 = 0; k0 < k; k0 += Depth)
        {
            for (int d = 0; d < Depth; d += Lanes)
            {
                int depth = k0 + d + tx;
                bool whole = k0 + d + Lanes <= k;
                for (int i = 0; i < TRows.Rows; i += TRows.Rows / 4)
                {
                    long from = (long)XMath.Min(firstRow + ty + i, m - 1) * k + depth;
                    if (whole) xs[(ty + i) * Depth + d + tx] = x[from];
                    else xs[(ty + i) * Depth + d + tx] = depth < k ? x[from] : 0f;
                }
                for (int i = 0; i < Columns; i += TRows.Rows / 4)
                {
                    long from = (long)XMath.Min(firstColumn + ty + i, n - 1) * k + depth;
                    if (whole) ws[(d + tx) * Columns + ty + i] = w[from];
                    else ws[(d + tx) * Columns + ty + i] = depth < k ? w[from] : 0f;
                }
            }
            Group.Barrier();
            for (int d0 = 0; d0 < Depth; d0 += 16)
                for (int d = Unroll.From(0); d < 16; d++)
                {
                    for (int j = Unroll.From(0); j < PerThread; j++) b[j] = ws[(d0 + d) * Columns + tx + Lanes * j];
                    for (int i = Unroll.From(0); i < PerThread; i++)
                    {
                        float a = xs[(ty * PerThread + i) * Depth + d0 + d];
                        for (int j = Unroll.From(0); j < PerThread; j++) sums[i * PerThread + j] = XMath.Fma(a, b[j], sums[i * PerThread + j]);
                    }
                }
            Group.Barrier();
        }
        Group.Barrier();   // keeps the code between two steps apart from what follows: the CPU compiles from barrier to barrier

        for (int j = Unroll.From(0); j < PerThread; j++)
            b[j] = bias.View.IntLength > 0 ? bias[XMath.Min(firstColumn + tx + Lanes * j, n - 1)] : 0f;
        for (int i = Unroll.From(0); i < PerThread; i++)
        {
            int row = firstRow + ty * PerThread + i;
            for (int j = Unroll.From(0); j < PerThread; j++)
            {
                int column = firstColumn + tx + Lanes * j;
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

    private readonly struct Rows256 : IGemmRows { public static int Rows => 256; }

    private readonly struct Rows128 : IGemmRows { public static int Rows => 128; }
}
