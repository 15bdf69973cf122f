namespace MmKernels.Kernels;

/// <summary>How values become one, as a type argument of <see cref="ReduceKernel"/>.</summary>
internal interface IReduction
{
    /// <summary>What no values give.</summary>
    static abstract float Empty { get; }

    static abstract float Combine(float a, float b);

    /// <summary>Applied once to the result of <paramref name="count"/> values.</summary>
    static abstract float Finish(float value, int count);
}

/// <summary>The sum, mean, largest or smallest value of each row.</summary>
/// <remarks>
/// shapes  : x [.., columns] -> y F32 [..]
/// launch  : one warp per row, group 128
/// traffic : x read once; memory bound
/// numbers : f32; 32 lanes combine every 32nd value, then a fixed tree; sums within columns / 32 · 2^-24 · Σ|x| of Reference. Largest and smallest are exact and ignore NaN
/// </remarks>
public static class ReduceKernel
{
    public static Tensor Sum(this Graph g, Tensor x) => Launch(g, x, typeof(SumReduction));

    public static Tensor Mean(this Graph g, Tensor x) => Launch(g, x, typeof(MeanReduction));

    public static Tensor Max(this Graph g, Tensor x) => Launch(g, x, typeof(MaxReduction));

    public static Tensor Min(this Graph g, Tensor x) => Launch(g, x, typeof(MinReduction));

    private static Tensor Launch(Graph g, Tensor x, Type reduction)
    {
        int rows = Rows.Count(g, x);
        Tensor y = g.New(DType.F32, x.Shape.Dims[..^1]);
        g.Launch(new KernelRef(typeof(ReduceKernel), nameof(Kernel), KernelRef.Element(x.DType), reduction), Rows.Blocks(rows), Rows.GroupSize, x, y, rows, x.Shape[^1]);
        return y;
    }

    internal static void Kernel<T, TReduction>(In<T> x, Out<F32> y, int rows, int columns)
        where T : unmanaged, IElement<T>
        where TReduction : struct, IReduction
    {
        int row = Rows.Row;
        if (row >= rows) return;
        In<T> xs = x.SubView((long)row * columns);
        int lane = Warp.LaneIdx, whole = Rows.Whole(columns);
        float value = TReduction.Empty;
        for (int first = 0; first < whole; first += Warp.WarpSize) value = TReduction.Combine(value, xs.SubView(first)[lane]);
        if (whole + lane < columns) value = TReduction.Combine(value, xs.SubView(whole)[lane]);
        for (int mask = Unroll.From(16); mask > 0; mask >>= 1) value = TReduction.Combine(value, Warp.ShuffleXor(value, mask));
        if (lane == 0) y[row] = (F32)TReduction.Finish(value, columns);
    }

    /// <summary>Sums; the others are .NET's own Average, Max and Min of a row.</summary>
    public static void Reference(ReadOnlySpan<float> x, Span<double> y, int columns)
    {
        y.Clear();
        for (int i = 0; i < x.Length; i++) y[i / columns] += x[i];
    }

    private readonly struct SumReduction : IReduction
    {
        public static float Empty => 0f;

        public static float Combine(float a, float b) => a + b;

        public static float Finish(float value, int count) => value;
    }

    internal readonly struct MeanReduction : IReduction
    {
        public static float Empty => 0f;

        public static float Combine(float a, float b) => a + b;

        public static float Finish(float value, int count) => value / count;
    }

    internal readonly struct MaxReduction : IReduction
    {
        public static float Empty => float.NegativeInfinity;

        public static float Combine(float a, float b) => XMath.Max(a, b);

        public static float Finish(float value, int count) => value;
    }

    private readonly struct MinReduction : IReduction
    {
        public static float Empty => float.PositiveInfinity;

        public static float Combine(float a, float b) => XMath.Min(a, b);

        public static float Finish(float value, int count) => value;
    }
}
