namespace MmKernels.Kernels;

/// <summary>Rows of x and rows of w whose products a warp sums at a time, as a type argument of <see cref="GemvKernel"/>.</summary>
internal interface IGemvTile
{
    static abstract int Rows { get; }

    static abstract int Outputs { get; }
}

/// <summary>y = f(x · wᵀ + bias) + residual for one row x, or one of each of several sequences: what decoding needs.</summary>
/// <remarks>
/// shapes  : x [m, k], w [n, k], bias [n], residual [m, n] -> y [m, n]; any m, n, k ≥ 1, meant for m up to 16 or so
/// launch  : one warp per eight results, group 128: 1 row by 8 outputs, 2 by 4, or 4 by 2; blocks that share rows of w are neighbours
/// traffic : w read once from memory, m / 4 times from a cache; memory bound
/// numbers : 32 lanes sum every 32nd product in ascending order, then a fixed tree, whatever m and n: the bits of a row are those that it has alone;
///           within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type. GemmKernel.Reference is the reference
/// </remarks>
public static class GemvKernel
{
    private const int Results = 8;   // of a warp

    /// <summary>y = f(x · wᵀ + bias) + residual, row by row; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemv(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        int m = Rows.Count(g, x);
        (Type tile, int rows, int outputs) = Tile(m);
        int groups = (m + rows - 1) / rows;
        g.Launch(new KernelRef(typeof(GemvKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function, tile),
            Rows.Blocks((n + outputs - 1) / outputs) * groups, Rows.GroupSize,
            x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, groups, m, n, k);
        g.Work(2.0 * m * n * k);
        return y;
    }

    /// <summary>The tile for m rows of x, and its rows and outputs.</summary>
    internal static (Type Tile, int Rows, int Outputs) Tile(int m) => m switch { 1 => (typeof(OneRow), 1, 8), 2 => (typeof(TwoRows), 2, 4), _ => (typeof(FourRows), 4, 2) };

    internal static void Kernel<T, TW, TFunction, TTile>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int groups, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
        where TTile : struct, IGemvTile
        => Block<T, TW, TFunction, TTile>(x, w, bias, residual, y, 0, groups, m, n, k);

    /// <summary>What a block does, for kernels whose grid begins with <paramref name="before"/> blocks that belong to others.</summary>
    internal static void Block<T, TW, TFunction, TTile>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int before, int groups, int m, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
        where TTile : struct, IGemvTile
    {
        ArrayView<float> sums = LocalMemory.Allocate<float>(Results);
        int block = Grid.IdxX - before, part = block / groups;
        int firstRow = (block - part * groups) * TTile.Rows, first = (part * (Rows.GroupSize / Warp.WarpSize) + Warp.WarpIdx) * TTile.Outputs;
        int lane = Warp.LaneIdx;
        int whole = Rows.Whole(k);
        for (int i = Unroll.From(0); i < Results; i++) sums[i] = 0f;

        // Beyond the last row of x or w the last one is read again; nobody stores what comes of it.
        Warp.Barrier();   // makes the CPU take the warp's 32 lanes side by side
        for (int o = Unroll.From(0); o < TTile.Outputs; o++)   // one row of w after the other: memory is fastest from front to end
        {
            In<TW> ws = w.SubView((long)XMath.Min(first + o, n - 1) * k);
            int step = 0;
            for (; step + 4 * Warp.WarpSize <= whole; step += 4 * Warp.WarpSize)
                for (int u = Unroll.From(0); u < 4; u++) Multiply<T, TW, TTile>(x, ws, sums, firstRow, m, k, step, u * Warp.WarpSize, o);
            for (; step < whole; step += Warp.WarpSize) Multiply<T, TW, TTile>(x, ws, sums, firstRow, m, k, step, 0, o);
        }
        Group.Barrier();   // parts the loops from the rest for the CPU, which compiles from barrier to barrier: the sums stay in registers
        if (whole + lane < k)
        {
            for (int o = Unroll.From(0); o < TTile.Outputs; o++)
                Multiply<T, TW, TTile>(x, w.SubView((long)XMath.Min(first + o, n - 1) * k), sums, firstRow, m, k, whole, 0, o);
        }

        float sum = Rows.SumEight(sums);
        sum = Warp.Shuffle(sum, 4 * lane & 31);   // result i to lane i

        int row = firstRow + lane / TTile.Outputs, column = first + lane % TTile.Outputs;
        if (lane < Results && row < m && column < n)
        {
            if (bias.View.IntLength > 0) sum += bias[column];
            float value = TFunction.Apply(sum);
            if (residual.View.IntLength > 0) value += residual[row * n + column];
            y[row * n + column] = (T)value;
        }
    }

    /// <summary>A lane's product for one output and every row of x.</summary>
    private static void Multiply<T, TW, TTile>(In<T> x, In<TW> ws, ArrayView<float> sums, int firstRow, int m, int k, int step, int next, int o)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TTile : struct, IGemvTile
    {
        float weight = ws.SubView(step)[Warp.LaneIdx + next];
        for (int r = Unroll.From(0); r < TTile.Rows; r++)
            sums[r * TTile.Outputs + o] = XMath.Fma(x.SubView((long)XMath.Min(firstRow + r, m - 1) * k + step)[Warp.LaneIdx + next], weight, sums[r * TTile.Outputs + o]);
    }

    private readonly struct OneRow : IGemvTile
    {
        public static int Rows => 1;

        public static int Outputs => 8;
    }

    private readonly struct TwoRows : IGemvTile
    {
        public static int Rows => 2;

        public static int Outputs => 4;
    }

    private readonly struct FourRows : IGemvTile
    {
        public static int Rows => 4;

        public static int Outputs => 2;
    }
}
