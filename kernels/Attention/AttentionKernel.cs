namespace MmKernels.Kernels;

/// <summary>y = softmax(f(scale · q · kᵀ)) · v for several queries, without writing the scores: softmax with a running maximum over tiles of keys.</summary>
/// <remarks>
/// shapes  : q [batch, queries, heads · headDim], k, v [batch, capacity, kvHeads · headDim] -> y like q; heads are a multiple of kvHeads, headDim ≤ 256
/// launch  : grid (queries / tile, heads, batch), group 256; a tile of 64, 32 or 16 queries (headDim up to 64, 128, 256) against tiles of 64 keys, of which
///           parts pass through shared memory, keys turned: 41 KB of it at most on a GPU, 49 KB on a CPU, whose parts are larger
/// traffic : 4 · queries · keys · headDim · heads operations; k and v read once per tile of queries; compute bound
/// numbers : scores, softmax and sums in f32 in a fixed order that depends on nothing but a sequence's own keys from keyStart on (and, with a window, on the query's place in its tile);
///           within 2e-6 · (1 + max|v|) of Reference before rounding to the storage type for |scores| ≤ 20. A query that sees no key gives 0
/// source  : Dao 2023, arXiv:2307.08691
/// </remarks>
public static class AttentionKernel
{
    private const int KeyTile = 64;
    private const int KeysPerThread = KeyTile / 16;
    private const int GroupSize = 256;
    private const float Log2E = 1.442695f;

    /// <summary>Below every score that counts, and above <see cref="Unseen"/> by so much that 2 to their difference is 0.</summary>
    private const float Lowest = -1e30f;

    /// <summary>The score of a key that a query does not see.</summary>
    private const float Unseen = float.MinValue;

    /// <summary>Attention in which every query sees every key.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="q">[batch, queries, heads · headDim], or without batch for one sequence.</param>
    /// <param name="k">[batch, keys, kvHeads · headDim], or without batch.</param>
    /// <param name="v">Like k.</param>
    /// <param name="heads">Heads of q.</param>
    /// <param name="kvHeads">Heads of k and v; each serves heads / kvHeads neighbouring heads of q.</param>
    /// <param name="scale">Factor of the scores, usually 1 / sqrt(headDim).</param>
    /// <param name="keyStart">I32 [batch]: the first key that is not padding; 0 where left out.</param>
    /// <param name="keyEnd">I32 [batch]: the end of the keys that are not padding; all where left out.</param>
    /// <param name="scores">What becomes of the scores; a query's position is its index.</param>
    public static Tensor Attention(this Graph g, Tensor q, Tensor k, Tensor v, int heads, int kvHeads, float scale, Tensor? keyStart = null, Tensor? keyEnd = null, AttentionScores? scores = null)
        => Launch(g, typeof(Bidirectional), 0, scores, q, k, v, heads, kvHeads, scale, null, keyStart, keyEnd);

    /// <summary>Attention in which query i of a sequence sees the keys up to first + i, over fresh keys or over a cache that they are in already.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="q">[batch, queries, heads · headDim], or without batch for one sequence.</param>
    /// <param name="k">[batch, capacity, kvHeads · headDim], or without batch.</param>
    /// <param name="v">Like k.</param>
    /// <param name="heads">Heads of q.</param>
    /// <param name="kvHeads">Heads of k and v; each serves heads / kvHeads neighbouring heads of q.</param>
    /// <param name="scale">Factor of the scores, usually 1 / sqrt(headDim).</param>
    /// <param name="first">I32 [batch]: the row of k that belongs to query 0; 0 where left out.</param>
    /// <param name="keyStart">I32 [batch]: the first key that is not padding (sequences padded on the left); 0 where left out.</param>
    /// <param name="mask">Which of those keys it sees; all where left out.</param>
    /// <param name="scores">What becomes of the scores.</param>
    public static Tensor CausalAttention(this Graph g, Tensor q, Tensor k, Tensor v, int heads, int kvHeads, float scale, Tensor? first = null, Tensor? keyStart = null,
        CausalMask? mask = null, AttentionScores? scores = null)
        => q.Shape[^2] == 1 && first is not null
            ? DecodeAttentionKernel.DecodeAttention(g, q, k, v, heads, kvHeads, scale, first, keyStart, mask, scores)
            : Launch(g, (mask ?? CausalMask.Full).Function, mask?.Span ?? 0, scores, q, k, v, heads, kvHeads, scale, first, keyStart, null);

    private static Tensor Launch(Graph g, Type mask, int span, AttentionScores? scores, Tensor q, Tensor k, Tensor v, int heads, int kvHeads, float scale, Tensor? first, Tensor? keyStart, Tensor? keyEnd)
    {
        AttentionShapes.Sequences(g, q, out int batch, out int queries, out int width);
        AttentionShapes.Sequences(g, k, out int keyBatch, out int capacity, out int keyWidth);
        g.Require(k.Shape == v.Shape && k.DType == v.DType, k, v);
        g.Require(heads > 0 && kvHeads > 0 && heads % kvHeads == 0 && width % heads == 0, q);
        int headDim = width / heads;
        g.Require(keyBatch == batch && keyWidth == kvHeads * headDim, q, k);
        Type columns = AttentionShapes.HeadColumns(g, q, headDim);
        int tile = 16 * RowsPerThread((headDim + 15) / 16);
        scores ??= AttentionScores.Plain;
        Tensor y = g.New(q.DType, q.Shape.Dims);
        g.Launch(new KernelRef(typeof(AttentionKernel), nameof(Kernel), KernelRef.Element(q.DType), KernelRef.Element(k.DType), mask, scores.Function, columns,
                g.Accelerator.LargeCaches ? typeof(HostParts) : typeof(GpuParts)),
            new Dim3((queries + tile - 1) / tile, heads, batch), GroupSize,
            q, k, v, AttentionShapes.Numbers(g, first, batch), AttentionShapes.Numbers(g, keyStart, batch), AttentionShapes.Numbers(g, keyEnd, batch), scores.Numbers(g, heads), y,
            queries, capacity, heads, kvHeads, headDim, scale * Log2E, span, scores.CapLog2, scores.Reach);
        double pairs = mask == typeof(Bidirectional) ? (double)queries * capacity : queries * (queries + 1.0) / 2;   // of those that are known now
        g.Work(4.0 * batch * heads * headDim * pairs, first is null ? null : -1);
        return y;
    }

    /// <summary>Keys whose values lie in shared memory at a time.</summary>
    private static int ValueRows(int columns, int depth) => XMath.Min(KeyTile, XMath.Max(16, depth * KeyTile / (16 * columns) & ~15));

    private static int RowsPerThread(int columns) => columns <= 4 ? 4 : columns <= 8 ? 2 : 1;

    internal static void Kernel<T, TC, TMask, TScores, TColumns, TParts>(
        In<T> q, In<TC> k, In<TC> v, In<int> first, In<int> keyStart, In<int> keyEnd, In<float> table, Out<T> y,
        int queries, int capacity, int heads, int kvHeads, int headDim, float scaleLog2, int span, float capLog2, int reach)
        where T : unmanaged, IElement<T>
        where TC : unmanaged, IElement<TC>
        where TMask : struct, IAttentionMask
        where TScores : struct, IAttentionScores
        where TColumns : struct, IHeadColumns
        where TParts : struct, IAttentionParts
    {
        ArrayView<float> qs = SharedMemory.Allocate<float>(16 * RowsPerThread(TColumns.Columns) * 16 * TColumns.Columns);   // [query][d]
        ArrayView<float> ps = SharedMemory.Allocate<float>(16 * RowsPerThread(TColumns.Columns) * KeyTile);                 // [query][key]
        ArrayView<float> kv = SharedMemory.Allocate<float>(XMath.Max(TParts.Depth * TParts.Pitch, ValueRows(TColumns.Columns, TParts.Depth) * 16 * TColumns.Columns));   // [d][key], then [key][d]
        ArrayView<float> shrinks = SharedMemory.Allocate<float>(16 * RowsPerThread(TColumns.Columns));                      // [query]
        ArrayView<float> o = LocalMemory.Allocate<float>(RowsPerThread(TColumns.Columns) * TColumns.Columns);
        ArrayView<float> s = LocalMemory.Allocate<float>(RowsPerThread(TColumns.Columns) * KeysPerThread);
        ArrayView<float> m = LocalMemory.Allocate<float>(RowsPerThread(TColumns.Columns));
        ArrayView<float> l = LocalMemory.Allocate<float>(RowsPerThread(TColumns.Columns));
        int rows = RowsPerThread(TColumns.Columns), width = 16 * TColumns.Columns;

        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        int query0 = Grid.IdxX * 16 * rows, head = Grid.IdxY, sequence = Grid.IdxZ;
        int kvHead = head / (heads / kvHeads), kvWidth = kvHeads * headDim;
        In<TC> keys = k.SubView((long)sequence * capacity * kvWidth + kvHead * headDim);
        In<TC> values = v.SubView((long)sequence * capacity * kvWidth + kvHead * headDim);
        long queryBase = ((long)sequence * queries + query0) * heads * headDim + head * headDim;
        In<T> qt = q.SubView(queryBase);
        Out<T> yt = y.SubView(queryBase);
        int position0 = first.View.IntLength > 0 ? first[sequence] : 0;
        int start = keyStart.View.IntLength > 0 ? XMath.Max(keyStart[sequence], 0) : 0;
        int end = keyEnd.View.IntLength > 0 ? XMath.Min(keyEnd[sequence], capacity) : capacity;
        int tileStart = TMask.Start(position0 + query0, start, span);
        int tileEnd = TMask.End(position0 + XMath.Min(query0 + 16 * rows, queries) - 1, end, span);

        // Beyond the last query and the last key the last one is read again; those keys get the weight 0, nobody stores those queries.
        for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
        {
            m[i] = Lowest;
            l[i] = 0f;
            int row = ty + 16 * i;
            for (int c = Unroll.From(0); c < TColumns.Columns; c++)
            {
                int d = tx + 16 * c;
                bool inside = c < TColumns.Columns - 1 || d < headDim;
                qs[row * width + d] = inside ? qt[XMath.Min(row, queries - 1 - query0) * heads * headDim + d] * scaleLog2 : 0f;
                o[i * TColumns.Columns + c] = 0f;
            }
        }

        // Barriers also part the code for the CPU, which compiles from barrier to barrier: loading, multiplying and the softmax want different registers.
        for (int key0 = tileStart; key0 < tileEnd; key0 += KeyTile)
        {
            for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns) * KeysPerThread; i++) s[i] = 0f;
            for (int d0 = 0; d0 < width; d0 += TParts.Depth)
            {
                LoadKeys<TC, TParts>(keys, kv, key0, tileEnd, d0, headDim, kvWidth);
                Group.Barrier();
                for (int d1 = d0; d1 < XMath.Min(d0 + TParts.Depth, width); d1 += 8)
                    for (int d = Unroll.From(0); d < 8; d++)
                        for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
                        {
                            float a = qs[(ty * rows + i) * width + d1 + d];
                            for (int j = Unroll.From(0); j < KeysPerThread; j++)
                                s[i * KeysPerThread + j] = XMath.Fma(a, kv[(d1 - d0 + d) * TParts.Pitch + tx + 16 * j], s[i * KeysPerThread + j]);
                        }
                Group.Barrier();
            }
            Group.Barrier();

            int query = position0 + query0 + ty * rows;
            for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
                for (int j = Unroll.From(0); j < KeysPerThread; j++)
                    s[i * KeysPerThread + j] = TScores.Apply(s[i * KeysPerThread + j], table, head, heads, key0 + tx + 16 * j - query - i, capLog2, reach);
            bool whole = TMask.End(position0 + query0, end, span) >= key0 + KeyTile && TMask.Start(position0 + query0 + 16 * rows - 1, start, span) <= key0;
            if (!whole)   // some query does not see some of these keys
            {
                for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
                {
                    int from = TMask.Start(query + i, start, span), last = TMask.End(query + i, end, span);
                    for (int j = Unroll.From(0); j < KeysPerThread; j++)
                    {
                        int key = key0 + tx + 16 * j;
                        s[i * KeysPerThread + j] = key >= from && key < last ? s[i * KeysPerThread + j] : Unseen;
                    }
                }
            }
            for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
            {
                float max = m[i];
                for (int j = Unroll.From(0); j < KeysPerThread; j++) max = XMath.Max(max, s[i * KeysPerThread + j]);
                for (int mask = Unroll.From(8); mask > 0; mask >>= 1) max = XMath.Max(max, Warp.ShuffleXor(max, mask));
                float shrink = XMath.Exp2(m[i] - max);
                float sum = 0f;
                for (int j = Unroll.From(0); j < KeysPerThread; j++)
                {
                    float p = XMath.Exp2(s[i * KeysPerThread + j] - max);
                    ps[(ty * rows + i) * KeyTile + tx + 16 * j] = p;
                    sum += p;
                }
                l[i] = XMath.Fma(l[i], shrink, sum);
                m[i] = max;
                if (tx == 0) shrinks[ty * rows + i] = shrink;
            }
            Group.Barrier();

            for (int key1 = 0; key1 < KeyTile; key1 += ValueRows(TColumns.Columns, TParts.Depth))
            {
                LoadValues<TC, TColumns, TParts>(values, kv, key0 + key1, tileEnd, headDim, kvWidth);
                Group.Barrier();
                for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
                {
                    float shrink = key1 == 0 ? shrinks[ty * rows + i] : 1f;
                    for (int c = Unroll.From(0); c < TColumns.Columns; c++) o[i * TColumns.Columns + c] *= shrink;
                }
                int count = XMath.Min(ValueRows(TColumns.Columns, TParts.Depth), tileEnd - key0 - key1), j1 = 0;
                for (; j1 + 8 <= count; j1 += 8)
                    for (int j = Unroll.From(0); j < 8; j++) Weigh<TColumns>(ps, kv, o, ty * rows, key1, j1, j);
                for (; j1 < count; j1++) Weigh<TColumns>(ps, kv, o, ty * rows, key1, j1, 0);
                Group.Barrier();
            }
            Group.Barrier();
        }
        Group.Barrier();

        for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
        {
            int row = ty * rows + i;
            float sum = l[i];
            for (int mask = Unroll.From(8); mask > 0; mask >>= 1) sum += Warp.ShuffleXor(sum, mask);
            float scale = sum > 0f ? 1f / sum : 0f;
            for (int c = Unroll.From(0); c < TColumns.Columns; c++)
            {
                int d = tx + 16 * c;
                if (query0 + row < queries && d < headDim) yt[row * heads * headDim + d] = (T)(o[i * TColumns.Columns + c] * scale);
            }
        }
    }

    /// <summary>One key's values, weighted, onto the outputs of a thread's queries.</summary>
    private static void Weigh<TColumns>(ArrayView<float> ps, ArrayView<float> kv, ArrayView<float> o, int firstQuery, int key1, int j1, int j) where TColumns : struct, IHeadColumns
    {
        int tx = Group.IdxX & 15;
        for (int i = Unroll.From(0); i < RowsPerThread(TColumns.Columns); i++)
        {
            float p = ps[(firstQuery + i) * KeyTile + key1 + j1 + j];
            for (int c = Unroll.From(0); c < TColumns.Columns; c++)
                o[i * TColumns.Columns + c] = XMath.Fma(p, kv[(j1 + j) * 16 * TColumns.Columns + tx + 16 * c], o[i * TColumns.Columns + c]);
        }
    }

    /// <summary>Turns a part of a tile of keys, 16 lanes a square of 16 keys and 16 dimensions: lanes read along the dimensions and write along the keys. Zeros beyond the head.</summary>
    private static void LoadKeys<TC, TParts>(In<TC> keys, ArrayView<float> kv, int key0, int tileEnd, int d0, int headDim, int kvWidth)
        where TC : unmanaged, IElement<TC>
        where TParts : struct, IAttentionParts
    {
        ArrayView<float> square = LocalMemory.Allocate<float>(16);
        int tx = Group.IdxX & 15;
        for (uint n = (uint)Group.IdxX >> 4; n < TParts.Depth / 16 * (KeyTile / 16); n += GroupSize / 16)
        {
            int key = (int)(n % (KeyTile / 16)) * 16, d = (int)(n / (KeyTile / 16)) * 16 + tx;
            if (key0 + key + 16 <= tileEnd && d0 + d - tx + 16 <= headDim)
            {
                long from = (long)(key0 + key) * kvWidth + (d0 + d);
                for (int j = Unroll.From(0); j < 16; j++)
                {
                    square[j] = keys[from];
                    from += kvWidth;
                }
                for (int j = Unroll.From(0); j < 16; j++) kv[d * TParts.Pitch + key + j] = square[j];
            }
            else
            {
                for (int j = 0; j < 16; j++)
                    kv[d * TParts.Pitch + key + j] = d0 + d < headDim ? keys[(long)XMath.Min(key0 + key + j, tileEnd - 1) * kvWidth + (d0 + d)] : 0f;
            }
        }
    }

    private static void LoadValues<TC, TColumns, TParts>(In<TC> values, ArrayView<float> kv, int key0, int tileEnd, int headDim, int kvWidth)
        where TC : unmanaged, IElement<TC>
        where TColumns : struct, IHeadColumns
        where TParts : struct, IAttentionParts
    {
        int tx = Group.IdxX & 15, ty = Group.IdxX >> 4;
        for (int i = 0; i < ValueRows(TColumns.Columns, TParts.Depth); i += 16)
        {
            In<TC> value = values.SubView((long)XMath.Min(key0 + ty + i, tileEnd - 1) * kvWidth);
            for (int c = Unroll.From(0); c < TColumns.Columns; c++)
            {
                int d = tx + 16 * c;
                bool inside = c < TColumns.Columns - 1 || d < headDim;
                kv[(ty + i) * 16 * TColumns.Columns + d] = inside ? value[d] : 0f;
            }
        }
    }

    /// <summary>Empty spans of numbers count as absent; scores makes of a score, its head and the key's distance from the query what softmax takes.</summary>
    public static void Reference(ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v, ReadOnlySpan<int> first, ReadOnlySpan<int> keyStart,
        ReadOnlySpan<int> keyEnd, Span<double> y, int batch, int queries, int capacity, int heads, int kvHeads, int headDim, double scale, bool causal,
        int window = int.MaxValue, int prefix = 0, Func<double, int, int, double>? scores = null)
    {
        var p = new double[capacity];
        for (int row = 0; row < batch * queries * heads; row++)
        {
            int head = row % heads, query = row / heads % queries, sequence = row / heads / queries;
            int start = keyStart.IsEmpty ? 0 : keyStart[sequence], end = keyEnd.IsEmpty ? capacity : keyEnd[sequence];
            int position = (first.IsEmpty ? 0 : first[sequence]) + query;
            if (causal) (start, end) = ((int)Math.Max(start, position + 1L - window), Math.Min(end, Math.Max(position + 1, prefix)));
            ReadOnlySpan<float> qs = q.Slice(row * headDim, headDim);
            double max = double.NegativeInfinity, sum = 0;
            for (int key = start; key < end; key++)
            {
                p[key] = 0;
                for (int d = 0; d < headDim; d++) p[key] += scale * qs[d] * k[KeyAt(key) + d];
                if (scores is not null) p[key] = scores(p[key], head, key - position);
                max = Math.Max(max, p[key]);
            }
            for (int key = start; key < end; key++) sum += p[key] = Math.Exp(p[key] - max);
            for (int d = 0; d < headDim; d++)
            {
                double value = 0;
                for (int key = start; key < end; key++) value += p[key] / sum * v[KeyAt(key) + d];
                y[row * headDim + d] = value;
            }
            int KeyAt(int key) => ((sequence * capacity + key) * kvHeads + head / (heads / kvHeads)) * headDim;
        }
    }
}
