namespace MmKernels.Kernels;

/// <summary>y[t] = visual[index[t]] where index[t] ≥ 0, else scale · table[ids[t]]: a prompt's text embeddings with the visual tokens in their places.</summary>
/// <remarks>
/// shapes  : ids, index I32 [.., tokens], table [vocabulary, hidden], visual [rows, hidden] -> y [.., tokens, hidden]
/// launch  : one warp per token, group 128
/// traffic : one row read and written per token; memory bound
/// numbers : exact with scale 1, else one f32 product; but for one rounding where y's type is narrower. An id or index outside its table gives zeros
/// </remarks>
public static class MergeTokensKernel
{
    /// <summary>The prompt's input rows, of visual's type.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [.., tokens]; what stands where index is not negative does not matter.</param>
    /// <param name="index">I32 like ids: the row of visual that takes a token's place, or -1.</param>
    /// <param name="table">[vocabulary, hidden].</param>
    /// <param name="visual">[.., hidden], all rows counted through.</param>
    /// <param name="scale">Factor of the table's rows.</param>
    public static Tensor MergeTokens(this Graph g, Tensor ids, Tensor index, Tensor table, Tensor visual, float scale = 1f)
    {
        g.Require(table.Shape.Rank == 2 && table.Shape.Elements > 0 && visual.Shape[^1] == table.Shape[1], table, visual);
        g.Require(ids.DType == DType.I32 && index.DType == DType.I32 && ids.Shape == index.Shape, ids, index);
        g.Require(ids.Shape.Elements is > 0 and < int.MaxValue / 2, ids);
        int tokens = (int)ids.Shape.Elements, hidden = table.Shape[1];
        Tensor y = g.New(visual.DType, [.. ids.Shape.Dims, hidden]);
        g.Launch(new KernelRef(typeof(MergeTokensKernel), nameof(Kernel), KernelRef.Element(table.DType), KernelRef.Element(visual.DType)),
            Rows.Blocks(tokens), Rows.GroupSize, ids, index, table, visual, y, tokens, table.Shape[0], Rows.Count(g, visual), hidden, scale);
        g.Work(0, ids.Bytes + index.Bytes + 2 * y.Bytes);
        return y;
    }

    internal static void Kernel<TW, T>(In<int> ids, In<int> index, In<TW> table, In<T> visual, Out<T> y, int tokens, int vocabulary, int visualRows, int hidden, float scale)
        where TW : unmanaged, IElement<TW>
        where T : unmanaged, IElement<T>
    {
        int token = Rows.Row;
        if (token >= tokens) return;
        int from = index[token], id = ids[token];
        Out<T> ys = y.SubView((long)token * hidden);
        if (from >= 0)
        {
            In<T> row = visual.SubView((long)XMath.Min(from, visualRows - 1) * hidden);
            for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize) ys[i] = (T)(from < visualRows ? (float)row[i] : 0f);
        }
        else
        {
            bool known = id >= 0 && id < vocabulary;
            In<TW> row = table.SubView((long)(known ? id : 0) * hidden);
            for (int i = Warp.LaneIdx; i < hidden; i += Warp.WarpSize) ys[i] = (T)(known ? (float)row[i] * scale : 0f);
        }
    }

    public static void Reference(ReadOnlySpan<int> ids, ReadOnlySpan<int> index, ReadOnlySpan<float> table, ReadOnlySpan<float> visual, Span<double> y, int hidden, double scale = 1)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int token = i / hidden, column = i % hidden;
            ReadOnlySpan<float> rows = index[token] >= 0 ? visual : table;
            int row = index[token] >= 0 ? index[token] : ids[token];
            y[i] = row < 0 || row >= rows.Length / hidden ? 0 : (index[token] >= 0 ? 1 : scale) * rows[row * hidden + column];
        }
    }
}
