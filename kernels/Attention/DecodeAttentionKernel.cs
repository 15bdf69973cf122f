namespace MmKernels.Kernels;

/// <summary>y = softmax(f(scale · q · kᵀ)) · v for one query per sequence over a cache whose length lives on the device.</summary>
/// <remarks>
/// shapes  : q [batch, 1, heads · headDim], k, v [batch, capacity, kvHeads · headDim], last I32 [batch] -> y like q; headDim ≤ 256
/// launch  : grid (heads, batch), group 128: each warp takes every fourth run of 32 keys, eight at a time; lanes lie along a head's dimensions
/// traffic : the cache's rows up to last[b] read heads / kvHeads times; memory bound
/// numbers : scores, softmax and sums in f32 in a fixed order; the four warps' parts are merged in order of warps;
///           within 2e-6 · (1 + max|v|) of Reference before rounding to the storage type for |scores| ≤ 20. A query that sees no key gives 0
/// source  : AttentionKernel with one query; its Reference is the reference
/// </remarks>
public static class DecodeAttentionKernel
{
    private const int Warps = 4;
    private const int AtOnce = 8;   // keys whose products a warp sums together
    private const float Log2E = 1.442695f;

    /// <summary>Attention of one query per sequence to the keys keyStart[b] to last[b]; see <see cref="AttentionKernel.CausalAttention"/>.</summary>
    public static Tensor DecodeAttention(this Graph g, Tensor q, Tensor k, Tensor v, int heads, int kvHeads, float scale, Tensor last, Tensor? keyStart = null,
        CausalMask? mask = null, AttentionScores? scores = null)
    {
        AttentionShapes.Sequences(g, q, out int batch, out int queries, out int width);
        AttentionShapes.Sequences(g, k, out int keyBatch, out int capacity, out int keyWidth);
        g.Require(queries == 1, q);
        g.Require(k.Shape == v.Shape && k.DType == v.DType, k, v);
        g.Require(heads > 0 && kvHeads > 0 && heads % kvHeads == 0 && width % heads == 0, q);
        int headDim = width / heads;
        g.Require(keyBatch == batch && keyWidth == kvHeads * headDim, q, k);
        mask ??= CausalMask.Full;
        scores ??= AttentionScores.Plain;
        Tensor y = g.New(q.DType, q.Shape.Dims);
        g.Launch(new KernelRef(typeof(DecodeAttentionKernel), nameof(Kernel), KernelRef.Element(q.DType), KernelRef.Element(k.DType), mask.Function, scores.Function, AttentionShapes.HeadColumns(g, q, headDim)),
            new Dim3(heads, batch), Warps * Warp.WarpSize,
            q, k, v, AttentionShapes.Numbers(g, last, batch), AttentionShapes.Numbers(g, keyStart, batch), scores.Numbers(g, heads), y,
            capacity, heads, kvHeads, headDim, scale * Log2E, mask.Span, scores.CapLog2, scores.Reach);
        g.Work(0, bytes: -1);
        return y;
    }

    internal static void Kernel<T, TC, TMask, TScores, TColumns>(
        In<T> q, In<TC> k, In<TC> v, In<int> last, In<int> keyStart, In<float> table, Out<T> y,
        int capacity, int heads, int kvHeads, int headDim, float scaleLog2, int span, float capLog2, int reach)
        where T : unmanaged, IElement<T>
        where TC : unmanaged, IElement<TC>
        where TMask : struct, IAttentionMask
        where TScores : struct, IAttentionScores
        where TColumns : struct, IHeadColumns
    {
        ArrayView<float> ms = SharedMemory.Allocate<float>(Warps);
        ArrayView<float> ls = SharedMemory.Allocate<float>(Warps);
        ArrayView<float> ps = SharedMemory.Allocate<float>(Warps * Warp.WarpSize);
        ArrayView<float> os = SharedMemory.Allocate<float>(Warps * Slots(TColumns.Columns) * Warp.WarpSize);
        ArrayView<float> qr = LocalMemory.Allocate<float>(Slots(TColumns.Columns));
        ArrayView<float> o = LocalMemory.Allocate<float>(Slots(TColumns.Columns));
        ArrayView<float> products = LocalMemory.Allocate<float>(AtOnce);

        int lane = Warp.LaneIdx, warp = Warp.WarpIdx, head = Grid.IdxX, sequence = Grid.IdxY;
        int kvWidth = kvHeads * headDim;
        long cache = (long)sequence * capacity * kvWidth + head / (heads / kvHeads) * headDim;
        In<TC> keys = k.SubView(cache);
        In<TC> values = v.SubView(cache);
        int row = (sequence * heads + head) * headDim;
        int position = last[sequence];
        int start = TMask.Start(position, keyStart.View.IntLength > 0 ? XMath.Max(keyStart[sequence], 0) : 0, span);
        int end = TMask.End(position, capacity, span);

        for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
        {
            int d = lane + Warp.WarpSize * c;
            bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
            qr[c] = inside ? q[row + d] * scaleLog2 : 0f;
            o[c] = 0f;
        }
        float m = float.MinValue, l = 0f;

        for (int key0 = start + warp * Warp.WarpSize; key0 < end; key0 += Warps * Warp.WarpSize)
        {
            float score = float.MinValue;   // of key key0 + own
            int own = (lane & 3) * AtOnce + (lane >> 2);
            for (int part = 0; part < Warp.WarpSize / AtOnce; part++)
            {
                for (int i = Unroll.From(0); i < AtOnce; i++)
                {
                    In<TC> key = keys.SubView((long)XMath.Min(key0 + part * AtOnce + i, end - 1) * kvWidth);
                    products[i] = 0f;
                    for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                    {
                        int d = lane + Warp.WarpSize * c;
                        bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
                        products[i] = XMath.Fma(qr[c], inside ? key[d] : 0f, products[i]);
                    }
                }
                // Each step halves the lanes that belong to a key and the sums that a lane holds, until lane 4·i .. 4·i + 3 hold quarters of key i.
                for (int width = Unroll.From(AtOnce / 2); width > 0; width >>= 1)
                    for (int i = Unroll.From(0); i < width; i++)
                    {
                        bool upper = (lane & (4 * width)) != 0;
                        float keep = upper ? products[i + width] : products[i];
                        float give = upper ? products[i] : products[i + width];
                        products[i] = keep + Warp.ShuffleXor(give, 4 * width);
                    }
                float sum = products[0] + Warp.ShuffleXor(products[0], 2);
                sum += Warp.ShuffleXor(sum, 1);
                score = (lane & 3) == part ? sum : score;
            }

            bool seen = key0 + own < end;
            score = seen ? TScores.Apply(score, table, head, heads, key0 + own - position, capLog2, reach) : float.MinValue;
            float max = XMath.Max(m, Rows.Max(score));
            float shrink = XMath.Exp2(m - max);
            float p = seen ? XMath.Exp2(score - max) : 0f;
            l = XMath.Fma(l, shrink, p);
            m = max;
            Warp.Barrier();   // everyone has read the weights of the run before
            ps[warp * Warp.WarpSize + own] = p;
            Warp.Barrier();
            for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++) o[c] *= shrink;
            int count = XMath.Min(end - key0, Warp.WarpSize);
            for (int i = 0; i < count; i++)
            {
                float weight = ps[warp * Warp.WarpSize + i];
                In<TC> value = values.SubView((long)(key0 + i) * kvWidth);
                for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                {
                    int d = lane + Warp.WarpSize * c;
                    bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
                    o[c] = XMath.Fma(weight, inside ? value[d] : 0f, o[c]);
                }
            }
        }

        l = Rows.Sum(l);
        if (lane == 0)
        {
            ms[warp] = m;
            ls[warp] = l;
        }
        for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++) os[(warp * Slots(TColumns.Columns) + c) * Warp.WarpSize + lane] = o[c];
        Group.Barrier();

        float top = XMath.Max(XMath.Max(ms[0], ms[1]), XMath.Max(ms[2], ms[3]));
        for (int d = Group.IdxX; d < headDim; d += Warps * Warp.WarpSize)
        {
            float sum = 0f, value = 0f;
            for (int w = Unroll.From(0); w < Warps; w++)
            {
                float part = XMath.Exp2(ms[w] - top);
                sum = XMath.Fma(ls[w], part, sum);
                value = XMath.Fma(os[w * Slots(TColumns.Columns) * Warp.WarpSize + d], part, value);
            }
            y[row + d] = (T)(sum > 0f ? value / sum : 0f);
        }
    }

    private static int Slots(int columns) => (columns + 1) / 2;
}
