namespace MmKernels.Kernels;

/// <summary>Heads of queries that share the loads of their keys and values, as a type argument of <see cref="DecodeAttentionKernel"/>.</summary>
internal interface ISharedHeads
{
    static abstract int Heads { get; }
}

/// <summary>y = softmax(f(scale · q · kᵀ)) · v for one query per sequence over a cache whose length lives on the device.</summary>
/// <remarks>
/// shapes  : q [batch, 1, heads · headDim], k, v [batch, capacity, kvHeads · headDim], last I32 [batch] -> y like q; headDim ≤ 256
/// launch  : grid (heads / shared, capacity / 512, batch), group 128: a block takes 512 keys for one, two or four heads that share them, each warp every fourth run
///           of 32; lanes lie along a head's dimensions. A second kernel, grid (heads, batch), merges the blocks of a head where there are several
/// traffic : the cache's rows up to last[b] read heads / kvHeads / shared times; memory bound
/// numbers : scores, softmax and sums in f32 in a fixed order that depends on nothing but a sequence's own keys from keyStart on; the four warps' parts are merged in
///           order of warps, the blocks' in order of keys; within 2e-6 · (1 + max|v|) of Reference before rounding to the storage type for |scores| ≤ 20.
///           A query that sees no key gives 0
/// source  : AttentionKernel with one query; its Reference is the reference. Splitting keys: Dao et al. 2023, Flash-Decoding
/// </remarks>
public static class DecodeAttentionKernel
{
    private const int Warps = 4;
    private const int Products = 8;        // that a warp sums together, of as many keys and heads
    private const int KeysPerBlock = 512;
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
        (Type sharing, int shared) = Sharing(heads / kvHeads, headDim);
        int splits = (capacity + KeysPerBlock - 1) / KeysPerBlock;
        Tensor y = g.New(q.DType, q.Shape.Dims);
        Tensor parts = splits == 1 ? g.New(DType.F32, 0) : g.New(DType.F32, batch * heads, splits, headDim);
        Tensor weights = splits == 1 ? g.New(DType.F32, 0) : g.New(DType.F32, batch * heads, splits, 2);
        g.Launch(new KernelRef(typeof(DecodeAttentionKernel), nameof(Kernel), KernelRef.Element(q.DType), KernelRef.Element(k.DType), mask.Function, scores.Function,
                AttentionShapes.HeadColumns(g, q, headDim), sharing),
            new Dim3(heads / shared, splits, batch), Warps * Warp.WarpSize,
            q, k, v, AttentionShapes.Numbers(g, last, batch), AttentionShapes.Numbers(g, keyStart, batch), scores.Numbers(g, heads), y, parts, weights,
            capacity, heads, kvHeads, headDim, scale * Log2E, mask.Span, scores.CapLog2, scores.Reach);
        g.Work(0, bytes: -1);
        if (splits == 1) return y;
        g.Launch(new KernelRef(typeof(DecodeAttentionKernel), nameof(Merge), KernelRef.Element(q.DType)), new Dim3(heads, batch), Warps * Warp.WarpSize, parts, weights, y, splits, headDim);
        g.Work(0, bytes: -1);
        return y;
    }

    /// <summary>As many heads as leave their outputs in registers.</summary>
    private static (Type Type, int Heads) Sharing(int group, int headDim)
        => group % 4 == 0 && headDim <= 64 ? (typeof(Heads4), 4) : group % 2 == 0 && headDim <= 128 ? (typeof(Heads2), 2) : (typeof(Heads1), 1);

    internal static void Kernel<T, TC, TMask, TScores, TColumns, TShared>(
        In<T> q, In<TC> k, In<TC> v, In<int> last, In<int> keyStart, In<float> table, Out<T> y, Out<float> parts, Out<float> weights,
        int capacity, int heads, int kvHeads, int headDim, float scaleLog2, int span, float capLog2, int reach)
        where T : unmanaged, IElement<T>
        where TC : unmanaged, IElement<TC>
        where TMask : struct, IAttentionMask
        where TScores : struct, IAttentionScores
        where TColumns : struct, IHeadColumns
        where TShared : struct, ISharedHeads
    {
        ArrayView<float> ms = SharedMemory.Allocate<float>(Warps * TShared.Heads);
        ArrayView<float> ls = SharedMemory.Allocate<float>(Warps * TShared.Heads);
        ArrayView<float> ps = SharedMemory.Allocate<float>(Warps * TShared.Heads * Warp.WarpSize);   // scores, then weights
        ArrayView<float> os = SharedMemory.Allocate<float>(Warps * TShared.Heads * Slots(TColumns.Columns) * Warp.WarpSize);
        ArrayView<float> qr = LocalMemory.Allocate<float>(TShared.Heads * Slots(TColumns.Columns));
        ArrayView<float> o = LocalMemory.Allocate<float>(TShared.Heads * Slots(TColumns.Columns));
        ArrayView<float> m = LocalMemory.Allocate<float>(TShared.Heads);
        ArrayView<float> l = LocalMemory.Allocate<float>(TShared.Heads);
        ArrayView<float> shrink = LocalMemory.Allocate<float>(TShared.Heads);
        ArrayView<float> products = LocalMemory.Allocate<float>(Products);

        int lane = Warp.LaneIdx, warp = Warp.WarpIdx, split = Grid.IdxY, sequence = Grid.IdxZ;
        int head0 = Grid.IdxX * TShared.Heads, kvWidth = kvHeads * headDim;
        long cache = (long)sequence * capacity * kvWidth + head0 / (heads / kvHeads) * headDim;
        In<TC> keys = k.SubView(cache);
        In<TC> values = v.SubView(cache);
        int row = (sequence * heads + head0) * headDim;
        int position = last[sequence];
        int start = TMask.Start(position, keyStart.View.IntLength > 0 ? XMath.Max(keyStart[sequence], 0) : 0, span) + split * KeysPerBlock;
        int end = XMath.Min(TMask.End(position, capacity, span), start + KeysPerBlock);
        int own = warp * TShared.Heads * Warp.WarpSize;   // the warp's part of ps

        for (int h = Unroll.From(0); h < TShared.Heads; h++)
        {
            m[h] = float.MinValue;
            l[h] = 0f;
            for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++) o[h * Slots(TColumns.Columns) + c] = 0f;
        }

        // Barriers also part the code for the CPU, which compiles from barrier to barrier: scores, weights and sums want different registers.
        for (int key1 = start; key1 < end; key1 += Warps * Warp.WarpSize)
        {
            int key0 = key1 + warp * Warp.WarpSize, count = XMath.Min(end - key0, Warp.WarpSize);   // none for a warp behind the end
            for (int h = Unroll.From(0); h < TShared.Heads; h++)
                for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                {
                    int d = lane + Warp.WarpSize * c;
                    bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
                    qr[h * Slots(TColumns.Columns) + c] = inside ? q[row + h * headDim + d] * scaleLog2 : 0f;
                }
            for (int part = 0; part < count; part += Products / TShared.Heads)
            {
                for (int i = Unroll.From(0); i < Products; i++) products[i] = 0f;
                for (int j = Unroll.From(0); j < Products / TShared.Heads; j++)
                {
                    In<TC> key = keys.SubView((long)XMath.Min(key0 + part + j, end - 1) * kvWidth);
                    for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                    {
                        int d = lane + Warp.WarpSize * c;
                        bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
                        float x = inside ? key[d] : 0f;
                        for (int h = Unroll.From(0); h < TShared.Heads; h++)
                            products[h * (Products / TShared.Heads) + j] = XMath.Fma(qr[h * Slots(TColumns.Columns) + c], x, products[h * (Products / TShared.Heads) + j]);
                    }
                }
                float sum = Rows.SumEight(products);
                int product = lane >> 2;
                if ((lane & 3) == 0) ps[own + product / (Products / TShared.Heads) * Warp.WarpSize + part + product % (Products / TShared.Heads)] = sum;
            }
            Group.Barrier();

            bool seen = key0 + lane < end;
            for (int h = Unroll.From(0); h < TShared.Heads; h++)
            {
                float score = ps[own + h * Warp.WarpSize + lane];
                score = seen ? TScores.Apply(score, table, head0 + h, heads, key0 + lane - position, capLog2, reach) : float.MinValue;
                float max = XMath.Max(m[h], Rows.Max(score));
                shrink[h] = XMath.Exp2(m[h] - max);
                float p = seen ? XMath.Exp2(score - max) : 0f;
                l[h] = XMath.Fma(l[h], shrink[h], p);
                m[h] = max;
                ps[own + h * Warp.WarpSize + lane] = p;
            }
            Group.Barrier();

            for (int h = Unroll.From(0); h < TShared.Heads; h++)
                for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++) o[h * Slots(TColumns.Columns) + c] *= shrink[h];
            for (int i = 0; i < count; i++)
            {
                In<TC> value = values.SubView((long)(key0 + i) * kvWidth);
                for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                {
                    int d = lane + Warp.WarpSize * c;
                    bool inside = c < Slots(TColumns.Columns) - 1 || d < headDim;
                    float x = inside ? value[d] : 0f;
                    for (int h = Unroll.From(0); h < TShared.Heads; h++)
                        o[h * Slots(TColumns.Columns) + c] = XMath.Fma(ps[own + h * Warp.WarpSize + i], x, o[h * Slots(TColumns.Columns) + c]);
                }
            }
            Group.Barrier();
        }
        Group.Barrier();

        for (int h = Unroll.From(0); h < TShared.Heads; h++)
        {
            float sum = Rows.Sum(l[h]);
            if (lane == 0)
            {
                ms[warp * TShared.Heads + h] = m[h];
                ls[warp * TShared.Heads + h] = sum;
            }
            for (int c = Unroll.From(0); c < Slots(TColumns.Columns); c++)
                os[((warp * TShared.Heads + h) * Slots(TColumns.Columns) + c) * Warp.WarpSize + lane] = o[h * Slots(TColumns.Columns) + c];
        }
        Group.Barrier();

        for (int n = Group.IdxX; n < TShared.Heads * headDim; n += Warps * Warp.WarpSize)
        {
            int h = n / headDim, d = n - h * headDim;
            float top = float.MinValue, sum = 0f, value = 0f;
            for (int w = Unroll.From(0); w < Warps; w++) top = XMath.Max(top, ms[w * TShared.Heads + h]);
            for (int w = Unroll.From(0); w < Warps; w++)
            {
                float part = XMath.Exp2(ms[w * TShared.Heads + h] - top);
                sum = XMath.Fma(ls[w * TShared.Heads + h], part, sum);
                value = XMath.Fma(os[(w * TShared.Heads + h) * Slots(TColumns.Columns) * Warp.WarpSize + d], part, value);
            }
            if (parts.View.Length == 0) y[row + n] = (T)(sum > 0f ? value / sum : 0f);
            else
            {
                long at = (long)(sequence * heads + head0 + h) * Grid.DimY + split;
                parts[at * headDim + d] = value;
                if (d == 0)
                {
                    weights[2 * at] = top;
                    weights[2 * at + 1] = sum;
                }
            }
        }
    }

    /// <summary>Puts together what the blocks of a head made of their keys: values relative to 2^top, and per block top and the sum of weights.</summary>
    internal static void Merge<T>(In<float> parts, In<float> weights, Out<T> y, int splits, int headDim) where T : unmanaged, IElement<T>
    {
        long first = (long)(Grid.IdxY * Grid.DimX + Grid.IdxX) * splits;
        float top = float.MinValue;
        for (int split = 0; split < splits; split++) top = XMath.Max(top, weights[2 * (first + split)]);
        for (int d = Group.IdxX; d < headDim; d += Warps * Warp.WarpSize)
        {
            float sum = 0f, value = 0f;
            for (int split = 0; split < splits; split++)
            {
                float part = XMath.Exp2(weights[2 * (first + split)] - top);
                sum = XMath.Fma(weights[2 * (first + split) + 1], part, sum);
                value = XMath.Fma(parts[(first + split) * headDim + d], part, value);
            }
            y[(Grid.IdxY * Grid.DimX + Grid.IdxX) * headDim + d] = (T)(sum > 0f ? value / sum : 0f);
        }
    }

    private static int Slots(int columns) => (columns + 1) / 2;

    private readonly struct Heads1 : ISharedHeads { public static int Heads => 1; }

    private readonly struct Heads2 : ISharedHeads { public static int Heads => 2; }

    private readonly struct Heads4 : ISharedHeads { public static int Heads => 4; }
}
