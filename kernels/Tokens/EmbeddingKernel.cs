namespace MmKernels.Kernels;

/// <summary>y[t] = scale · table[ids[t]]: the embedding of every token.</summary>
/// <remarks>
/// shapes  : ids I32 [.., tokens], table [vocabulary, hidden] -> y [.., tokens, hidden]
/// launch  : one warp per token, group 128
/// traffic : one row read and written per token; memory bound
/// numbers : exact with scale 1, else one f32 product; but for one rounding where y's type is narrower. An id outside the table gives zeros
/// </remarks>
public static class EmbeddingKernel
{
    /// <summary>The rows of <paramref name="table"/> that ids name, times <paramref name="scale"/>, as <paramref name="type"/>.</summary>
    public static Tensor Embedding(this Graph g, Tensor ids, Tensor table, DType type = DType.F32, float scale = 1f)
    {
        g.Require(table.Shape.Rank == 2 && table.Shape.Elements > 0, table);
        g.Require(ids.DType == DType.I32 && ids.Shape.Elements is > 0 and < int.MaxValue / 2, ids);
        int tokens = (int)ids.Shape.Elements, hidden = table.Shape[1];
        Tensor y = g.New(type, [.. ids.Shape.Dims, hidden]);
        g.Launch(new KernelRef(typeof(EmbeddingKernel), nameof(Kernel), KernelRef.Element(table.DType), KernelRef.Element(type)),
            Rows.Blocks(tokens), Rows.GroupSize, ids, table, y, tokens, table.Shape[0], hidden, scale);
        g.Work(0, ids.Bytes + y.Bytes + (long)tokens * hidden * table.DType.Bytes());
        return y;
    }

    internal static void Kernel<TW, T>(In<int> ids, In<TW> table, Out<T> y, int tokens, int vocabulary, int hidden, float scale)
        where TW : unmanaged, IElement<TW>
        where T : unmanaged, IElement<T>
    {
        int token = Rows.Row;
        if (token >= tokens) return;
        int id = ids[token];
        bool known = id >= 0 && id < vocabulary;
        In<TW> row = table.SubView((long)(known ? id : 0) * hidden);
        Out<T> ys = y.SubView((long)token * hidden);
        for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize) ys[i] = (T)(known ? (float)row[i] * scale : 0f);
    }

    public static void Reference(ReadOnlySpan<int> ids, ReadOnlySpan<float> table, Span<double> y, int hidden, double scale = 1)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int id = ids[i / hidden];
            y[i] = id < 0 || id >= table.Length / hidden ? 0 : scale * table[id * hidden + i % hidden];
        }
    }
}
