namespace MmKernels.Kernels;

/// <summary>How a block of <see cref="GemmKernel"/> goes about its work, as a type argument.</summary>
internal interface IGemmTile
{
    /// <summary>Rows of y that a block computes.</summary>
    static abstract int Rows { get; }

    /// <summary>Of a step along k.</summary>
    static abstract int Depth { get; }

    /// <summary>Whether x goes through shared memory, where it is converted to floats once; else threads read it where it lies.</summary>
    static abstract bool SharesX { get; }
}

/// <summary>y = f(x · wᵀ + bias) + residual.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k], bias [n], residual [m, n] -> y [m, n]; any m, n, k ≥ 1
/// launch  : grid (m / rows, n / 64), group 4 · rows for rows = 16, 64, 128 or 256; 4 x 4 results per thread; w passes through shared memory in tiles of
///           64 columns, on a GPU 32 deep and x beside it (10 to 25 KB), on a CPU 128 deep (32 KB) with x read where it lies
/// traffic : 2·m·n·k operations; x read n / 64 times, w m / rows times; compute bound from m about 64 on
/// numbers : each result one chain of f32 fused multiply-adds over k in ascending order, whatever m and n: rows do not depend on each other;
///           within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type
/// </remarks>
public static class GemmKernel
{
    internal const int Columns = 64;   // of a block
    private const int Lanes = 16;     // that load and multiply side by side
    internal const int PerThread = 4;  // rows and columns of a thread

    /// <summary>y = f(x · wᵀ + bias) + residual; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemm(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = (int)(x.Shape.Elements / k);
        bias ??= LinearShapes.None(g, w.DType);
        residual ??= LinearShapes.None(g, x.DType);
        (Type tile, int rows) = Tile(g, x.DType, m);
        // Blocks that share columns of w follow each other: w comes from memory once.
        g.Launch(new KernelRef(typeof(GemmKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function, tile),
            new Dim3((m + rows - 1) / rows, (n + Columns - 1) / Columns), PerThread * rows, x, w, bias, residual, y, m, n, k);
        g.Work(2.0 * m * n * k);
        return y;
    }

    /// <summary>The tile for m rows of x, and its rows.</summary>
    internal static (Type Tile, int Rows) Tile(Graph g, DType x, int m) => g.Accelerator.LargeCaches && x == DType.F32 ? InPlace(m) : Shared(m);

    /// <summary>For devices whose caches hold what a block reads again; large blocks turn w less often.</summary>
    private static (Type Tile, int Rows) InPlace(int m) => m switch
    {
        <= 16 => (typeof(InPlace16), 16),
        <= 64 => (typeof(InPlace64), 64),
        <= 128 => (typeof(InPlace128), 128),
        _ => (typeof(InPlace256), 256),
    };

    private static (Type Tile, int Rows) Shared(int m) => m switch
    {
        <= 16 => (typeof(Shared16), 16),
        <= 64 => (typeof(Shared64), 64),
        _ => (typeof(Shared128), 128),
    };

    internal static void Kernel<T, TW, TFunction, TTile>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
        where TTile : struct, IGemmTile
        => Block<T, TW, TFunction, TTile>(x, w, bias, residual, y, 0, m, n, k);

    /// <summary>What a block does, for kernels whose grid begins with <paramref name="before"/> blocks along n that belong to others.</summary>
    internal static void Block<T, TW, TFunction, TTile>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int before, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
        where TTile : struct, IGemmTile
    {
        ArrayView<float> xs = SharedMemory.Allocate<float>(TTile.SharesX ? TTile.Rows * TTile.Depth : 1);   // [row][depth]
        ArrayView<float> ws = SharedMemory.Allocate<float>(TTile.Depth * Pitch<TTile>());                   // [depth][column]
        ArrayView<float> sums = LocalMemory.Allocate<float>(PerThread * PerThread);

        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        int firstRow = Grid.IdxX * TTile.Rows, firstColumn = (Grid.IdxY - before) * Columns;
        for (int i = Unroll.From(0); i < PerThread * PerThread; i++) sums[i] = 0f;
        for (int k0 = 0; k0 < k; k0 += TTile.Depth)
        {
            if (TTile.SharesX) LoadX<T, TTile>(x, xs, firstRow, m, k0, k);
            LoadW<TW, TTile>(w, ws, firstColumn, n, k0, k);
            Group.Barrier();
            if (firstRow + ty * PerThread < m)   // else none of the thread's rows is there
            {
                int depth = XMath.Min(TTile.Depth, k - k0), d0 = 0;
                for (; d0 + Lanes <= depth; d0 += Lanes)
                    for (int d = Unroll.From(0); d < Lanes; d++) Step<T, TTile>(x, xs, ws, sums, firstRow, m, k0, k, d0, d);
                for (; d0 < depth; d0++) Step<T, TTile>(x, xs, ws, sums, firstRow, m, k0, k, d0, 0);
            }
            Group.Barrier();
        }
        Group.Barrier();   // keeps the code between two steps apart from what follows: the CPU compiles from barrier to barrier
        Finish<T, TW, TFunction>(sums, bias, residual, y, firstRow + ty * PerThread, firstColumn + tx, firstColumn + Columns <= n, m, n);
    }

    /// <summary>Floats between neighbouring rows of w's tile: one more than there are columns keeps 16 lanes out of one bank, a power of two keeps vectors aligned.</summary>
    private static int Pitch<TTile>() where TTile : struct, IGemmTile => TTile.SharesX ? Columns + 1 : Columns;

    /// <summary>Beyond the last row of x the last one is read again; nobody stores what comes of it.</summary>
    private static void LoadX<T, TTile>(In<T> x, ArrayView<float> xs, int firstRow, int m, int k0, int k)
        where T : unmanaged, IElement<T>
        where TTile : struct, IGemmTile
    {
        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        for (int d = 0; d < TTile.Depth; d += Lanes)
        {
            int depth = k0 + d + tx;
            bool whole = k0 + d + Lanes <= k;
            for (int i = 0; i < TTile.Rows; i += TTile.Rows / PerThread)
            {
                long from = (long)XMath.Min(firstRow + ty + i, m - 1) * k + depth;
                if (whole) xs[(ty + i) * TTile.Depth + d + tx] = x[from];
                else if (depth < k) xs[(ty + i) * TTile.Depth + d + tx] = x[from];
            }
        }
    }

    /// <summary>Turns w's tile, 16 lanes a square of 16 columns and 16 steps along k: lanes read along k and write along the columns.</summary>
    private static void LoadW<TW, TTile>(In<TW> w, ArrayView<float> ws, int firstColumn, int n, int k0, int k)
        where TW : unmanaged, IElement<TW>
        where TTile : struct, IGemmTile
    {
        const uint Across = Columns / Lanes;
        ArrayView<float> square = LocalMemory.Allocate<float>(Lanes);
        int tx = Group.IdxX & 15;
        for (uint s = (uint)Group.IdxX >> 4; s < (uint)(TTile.Depth / Lanes) * Across; s += (uint)(TTile.Rows / PerThread))
        {
            int column = (int)(s % Across) * Lanes, depth = (int)(s / Across) * Lanes + tx;
            if (firstColumn + column + Lanes <= n && k0 + depth - tx + Lanes <= k)
            {
                long from = (long)(firstColumn + column) * k + (k0 + depth);
                for (int j = Unroll.From(0); j < Lanes; j++)
                {
                    square[j] = w[from];
                    from += k;
                }
                for (int j = Unroll.From(0); j < Lanes; j++) ws[depth * Pitch<TTile>() + column + j] = square[j];
            }
            else if (k0 + depth < k)
            {
                for (int j = 0; j < XMath.Min(Lanes, n - firstColumn - column); j++)
                    ws[depth * Pitch<TTile>() + column + j] = w[(long)(firstColumn + column + j) * k + (k0 + depth)];
            }
        }
    }

    /// <summary>One step along k: sums += x[.., k0 + d0 + d] · w[.., k0 + d0 + d].</summary>
    private static void Step<T, TTile>(In<T> x, ArrayView<float> xs, ArrayView<float> ws, ArrayView<float> sums, int firstRow, int m, int k0, int k, int d0, int d)
        where T : unmanaged, IElement<T>
        where TTile : struct, IGemmTile
    {
        ArrayView<float> b = LocalMemory.Allocate<float>(PerThread);
        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        for (int j = Unroll.From(0); j < PerThread; j++) b[j] = ws[(d0 + d) * Pitch<TTile>() + tx + Lanes * j];
        for (int i = Unroll.From(0); i < PerThread; i++)
        {
            float a = TTile.SharesX
                ? xs[(ty * PerThread + i) * TTile.Depth + d0 + d]
                : x[(long)XMath.Min(firstRow + ty * PerThread + i, m - 1) * k + (k0 + d0) + d];
            for (int j = Unroll.From(0); j < PerThread; j++) sums[i * PerThread + j] = XMath.Fma(a, b[j], sums[i * PerThread + j]);
        }
    }

    /// <summary>Bias, f and residual for a thread's results, which lie in four rows from <paramref name="firstRow"/>, 16 columns apart.</summary>
    private static void Finish<T, TW, TFunction>(ArrayView<float> sums, In<TW> bias, In<T> residual, Out<T> y, int firstRow, int firstColumn, bool whole, int m, int n)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
    {
        for (int j = Unroll.From(0); j < PerThread; j++)
        {
            int column = firstColumn + Lanes * j;
            float b = 0f;
            if (bias.View.IntLength > 0 && (whole || column < n)) b = bias[column];
            for (int i = Unroll.From(0); i < PerThread; i++) sums[i * PerThread + j] = TFunction.Apply(sums[i * PerThread + j] + b);
        }
        for (int i = Unroll.From(0); i < PerThread; i++)
        {
            int row = firstRow + i;
            if (row >= m) return;
            long at = (long)row * n + firstColumn;
            for (int j = Unroll.From(0); j < PerThread; j++)
                if (whole || firstColumn + Lanes * j < n)
                {
                    float value = sums[i * PerThread + j];
                    if (residual.View.Length > 0) value += residual[at + Lanes * j];
                    y[at + Lanes * j] = (T)value;
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

    private readonly struct InPlace16 : IGemmTile { public static int Rows => 16; public static int Depth => 128; public static bool SharesX => false; }

    private readonly struct InPlace64 : IGemmTile { public static int Rows => 64; public static int Depth => 128; public static bool SharesX => false; }

    private readonly struct InPlace128 : IGemmTile { public static int Rows => 128; public static int Depth => 128; public static bool SharesX => false; }

    private readonly struct InPlace256 : IGemmTile { public static int Rows => 256; public static int Depth => 128; public static bool SharesX => false; }

    private readonly struct Shared16 : IGemmTile { public static int Rows => 16; public static int Depth => 32; public static bool SharesX => true; }

    private readonly struct Shared64 : IGemmTile { public static int Rows => 64; public static int Depth => 32; public static bool SharesX => true; }

    private readonly struct Shared128 : IGemmTile { public static int Rows => 128; public static int Depth => 32; public static bool SharesX => true; }
}
