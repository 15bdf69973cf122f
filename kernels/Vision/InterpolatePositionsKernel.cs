namespace MmKernels.Kernels;

/// <summary>Stretches a table of position embeddings to another grid of patches: bicubic with a = -0.75, not antialiased, corners not aligned.</summary>
/// <remarks>
/// shapes  : table [prefix + fromRows · fromColumns, hidden] -> y [prefix + rows · columns, hidden], F32; the first prefix rows (class token) are copied
/// launch  : one warp per row, group 128
/// traffic : 16 elements read (from a cache), one written; run once per picture size
/// numbers : coordinates in f32 as in PyTorch, sums in f32; within 2e-6 · max|table| of Reference
/// source  : torch.nn.functional.interpolate(mode="bicubic"); Keys 1981
/// </remarks>
public static class InterpolatePositionsKernel
{
    private const float A = -0.75f;

    /// <summary>The positions of a grid of <paramref name="rows"/> × <paramref name="columns"/> patches, F32.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="table">[prefix + fromRows · fromColumns, hidden].</param>
    /// <param name="prefix">Rows that belong to no patch and are copied.</param>
    /// <param name="fromRows">The table's grid.</param>
    /// <param name="fromColumns">The table's grid.</param>
    /// <param name="rows">The grid wanted.</param>
    /// <param name="columns">The grid wanted.</param>
    public static Tensor InterpolatePositions(this Graph g, Tensor table, int prefix, int fromRows, int fromColumns, int rows, int columns)
    {
        g.Require(prefix >= 0 && fromRows > 0 && fromColumns > 0 && table.Shape.Rank == 2 && table.Shape[0] == prefix + (long)fromRows * fromColumns, table);
        g.Require(rows > 0 && columns > 0 && prefix + (long)rows * columns < int.MaxValue / 2, table);
        int hidden = table.Shape[1], tokens = prefix + rows * columns;
        Tensor y = g.New(DType.F32, tokens, hidden);
        g.Launch(new KernelRef(typeof(InterpolatePositionsKernel), nameof(Kernel), KernelRef.Element(table.DType)), Rows.Blocks(tokens), Rows.GroupSize,
            table, y, tokens, prefix, fromRows, fromColumns, columns, hidden, (float)fromRows / rows, (float)fromColumns / columns);
        return y;
    }

    internal static void Kernel<TW>(In<TW> table, Out<F32> y, int tokens, int prefix, int fromRows, int fromColumns, int columns, int hidden, float scaleY, float scaleX)
        where TW : unmanaged, IElement<TW>
    {
        int token = Rows.Row;
        if (token >= tokens) return;
        Out<F32> ys = y.SubView((long)token * hidden);
        if (token < prefix)
        {
            for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize) ys[i] = (F32)(float)table[(long)token * hidden + i];
            return;
        }
        int row = (token - prefix) / columns, column = token - prefix - row * columns;
        float fy = scaleY * (row + 0.5f) - 0.5f, fx = scaleX * (column + 0.5f) - 0.5f;
        int y0 = (int)XMath.Floor(fy), x0 = (int)XMath.Floor(fx);
        float ty = fy - y0, tx = fx - x0;
        for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize)
        {
            float sum = 0f;
            for (int dy = Unroll.From(-1); dy <= 2; dy++)
            {
                int line = XMath.Min(XMath.Max(y0 + dy, 0), fromRows - 1);
                float part = 0f;
                for (int dx = Unroll.From(-1); dx <= 2; dx++)
                {
                    int at = XMath.Min(XMath.Max(x0 + dx, 0), fromColumns - 1);
                    part = XMath.Fma(Weight(XMath.Abs(tx - dx)), table[(long)(prefix + line * fromColumns + at) * hidden + i], part);
                }
                sum = XMath.Fma(Weight(XMath.Abs(ty - dy)), part, sum);
            }
            ys[i] = (F32)sum;
        }
    }

    /// <summary>The cubic convolution kernel at a distance of 0 to 2.</summary>
    private static float Weight(float distance)
        => distance <= 1f
            ? ((A + 2f) * distance - (A + 3f)) * distance * distance + 1f
            : ((A * distance - 5f * A) * distance + 8f * A) * distance - 4f * A;

    public static void Reference(ReadOnlySpan<float> table, Span<double> y, int prefix, int fromRows, int fromColumns, int rows, int columns, int hidden)
    {
        for (int i = 0; i < prefix * hidden; i++) y[i] = table[i];
        for (int i = prefix * hidden; i < y.Length; i++)
        {
            int patch = i / hidden - prefix;
            double fy = (float)fromRows / rows * (patch / columns + 0.5) - 0.5, fx = (float)fromColumns / columns * (patch % columns + 0.5) - 0.5;
            int y0 = (int)Math.Floor(fy), x0 = (int)Math.Floor(fx);
            double sum = 0;
            for (int dy = -1; dy <= 2; dy++)
                for (int dx = -1; dx <= 2; dx++)
                {
                    int line = Math.Clamp(y0 + dy, 0, fromRows - 1), at = Math.Clamp(x0 + dx, 0, fromColumns - 1);
                    sum += Cubic(Math.Abs(fy - y0 - dy)) * Cubic(Math.Abs(fx - x0 - dx)) * table[(prefix + line * fromColumns + at) * hidden + i % hidden];
                }
            y[i] = sum;
        }
        static double Cubic(double t) => t <= 1 ? 1.25 * t * t * t - 2.25 * t * t + 1 : -0.75 * t * t * t + 3.75 * t * t - 6 * t + 3;
    }
}
