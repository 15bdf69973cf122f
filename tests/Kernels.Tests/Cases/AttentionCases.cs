using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class AttentionCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (int headDim in new[] { 1, 15, 16, 17, 20, 32, 40, 64, 72, 80, 96, 128, 130 })
        {
            yield return Attention(DType.F32, DType.F32, causal: false, 1, 19, 21, 2, 2, headDim);
            yield return Decode(DType.F32, DType.F32, 1, 41, 2, 1, headDim, [36], null);
        }
        // around tiles of 64 queries and 64 keys
        foreach ((int queries, int keys) in new[] { (1, 1), (63, 64), (64, 63), (65, 65), (2, 129), (37, 37) })
        {
            yield return Attention(DType.F32, DType.F32, causal: false, 1, queries, keys, 1, 1, 32);
            yield return Attention(DType.F32, DType.F32, causal: true, 1, Math.Min(queries, keys), keys, 1, 1, 32);
        }
        yield return Attention(DType.F32, DType.F32, causal: true, 2, 35, 90, 4, 2, 24, first: [11, 50]);
        yield return Attention(DType.F32, DType.F32, causal: true, 3, 33, 33, 2, 1, 16, first: [0, 0, 0], start: [0, 7, 32]);
        yield return Attention(DType.F32, DType.F32, causal: true, 1, 70, 200, 6, 3, 128, first: [100]);
        yield return Attention(DType.F32, DType.F32, causal: false, 2, 10, 80, 2, 2, 32, start: [3, 0], end: [80, 66]);
        yield return Attention(DType.F32, DType.F16, causal: true, 1, 20, 40, 2, 2, 32, first: [20]);
        yield return Attention(DType.F16, DType.F16, causal: true, 1, 20, 20, 2, 2, 32);
        yield return Attention(DType.BF16, DType.BF16, causal: false, 1, 20, 20, 2, 2, 64);

        foreach ((string kind, int number) in new[] { ("window", 1), ("window", 8), ("window", 64), ("window", 70), ("prefix", 9), ("prefix", 130), ("alibi", 0), ("cap", 0), ("relative", 3), ("relative", 40) })
        {
            yield return Masked(DType.F32, kind, number, 1, 90, 150, 4, 2, 20, [60]);
            yield return Masked(DType.F32, kind, number, 2, 1, 150, 4, 2, 20, [140, 37]);
        }
        yield return Masked(DType.F16, "alibi", 0, 1, 20, 20, 3, 3, 15, [0]);
        yield return Masked(DType.BF16, "window", 5, 1, 1, 40, 3, 1, 33, [39]);
        yield return RelativeBoth(35, 50, 3, 17, reach: 6);

        // around runs of 32 keys and the turn of four warps
        foreach (int last in new[] { 0, 30, 31, 32, 63, 64, 127, 128, 159 }) yield return Decode(DType.F32, DType.F32, 1, 160, 2, 2, 32, [last], null);
        yield return Decode(DType.F32, DType.F32, 3, 70, 6, 2, 48, [3, 69, 40], [0, 5, 40]);
        yield return Decode(DType.F32, DType.F16, 2, 70, 2, 2, 32, [68, 9], null);
        yield return Decode(DType.F16, DType.F16, 1, 40, 2, 2, 32, [33], null);
        yield return Decode(DType.BF16, DType.BF16, 1, 40, 2, 2, 64, [33], null);

        // one, two and four heads that share their keys; around a block's 512 keys
        foreach ((int heads, int kvHeads, int headDim) in new[] { (8, 2, 64), (4, 1, 20), (8, 2, 80), (6, 1, 33), (12, 4, 16), (4, 2, 130), (8, 1, 256) })
            yield return Decode(DType.F32, DType.F32, 1, 140, heads, kvHeads, headDim, [131], null);
        foreach (int last in new[] { 0, 510, 511, 512, 1024, 1100 }) yield return Decode(DType.F32, DType.F32, 1, 1101, 2, 1, 17, [last], null);
        yield return Decode(DType.F32, DType.F16, 3, 1030, 4, 1, 40, [1029, 3, 600], [1, 3, 520]);
        yield return Masked(DType.F32, "window", 600, 2, 1, 1300, 2, 1, 16, [1299, 37]);
        yield return Masked(DType.F32, "alibi", 0, 1, 1, 700, 4, 1, 20, [650]);

        foreach ((DType type, DType cache) in new[] { (DType.F32, DType.F32), (DType.F32, DType.F16), (DType.BF16, DType.BF16) })
            yield return Append(type, cache, 2, 3, 9, 45, [0, 6]);
        yield return Append(DType.F32, DType.F32, 1, 1, 300, 7, [299]);
        yield return Append(DType.F32, DType.F32, 2, 4, 6, 300, [4, 1]);   // the first sequence overflows: its last two rows are dropped
    }

    private static KernelCase Attention(DType type, DType cache, bool causal, int batch, int queries, int keys, int heads, int kvHeads, int headDim, int[]? first = null, int[]? start = null, int[]? end = null)
    {
        float scale = 1f / MathF.Sqrt(headDim);
        string numbers = string.Concat(new[] { first, start, end }.Select(list => list is null ? " -" : " " + string.Join(",", list)));
        return new KernelCase($"attention {type} {cache} {(causal ? "causal" : "full")} {batch}x{queries}x{keys} heads {heads}/{kvHeads} of {headDim}, first start end{numbers}")
        {
            Operands = Operands(type, cache, batch, queries, keys, heads, kvHeads, headDim, first, start, end),
            Op = (g, t) => causal
                ? [g.CausalAttention(t[0], t[1], t[2].Reshape(t[1].Shape.Dims), heads, kvHeads, scale, first is null ? null : t[3], start is null ? null : t[4])]
                : [g.Attention(t[0], t[1], t[2].Reshape(t[1].Shape.Dims), heads, kvHeads, scale, start is null ? null : t[4], end is null ? null : t[5])],
            Reference = o => Reference(o, batch, queries, keys, heads, kvHeads, headDim, scale, causal, first ?? [], start ?? [], end ?? []),
            Tolerance = _ => 1e-5,   // 2e-6 · (1 + max|v|) with max|v| about 4
        };
    }

    /// <summary>Causal attention with a mask or with scores changed before softmax.</summary>
    private static KernelCase Masked(DType type, string kind, int number, int batch, int queries, int keys, int heads, int kvHeads, int headDim, int[] first)
    {
        const float Cap = 1.5f;
        float scale = 1f / MathF.Sqrt(headDim);
        Operand table = Table(kind, number, heads);
        return new KernelCase($"attention {type} {kind} {number} {batch}x{queries}x{keys} heads {heads}/{kvHeads} of {headDim}, first {string.Join(",", first)}")
        {
            Operands = [.. Operands(type, type, batch, queries, keys, heads, kvHeads, headDim, first, null, null), table],
            Op = (g, t) =>
            {
                CausalMask? mask = kind switch { "window" => CausalMask.Window(number), "prefix" => CausalMask.Prefix(number), _ => null };
                AttentionScores? scores = kind switch { "alibi" => AttentionScores.Alibi(t[6]), "cap" => AttentionScores.SoftCap(Cap), "relative" => AttentionScores.Relative(t[6]), _ => null };
                return [g.CausalAttention(t[0], t[1], t[2].Reshape(t[1].Shape.Dims), heads, kvHeads, scale, t[3], mask: mask, scores: scores)];
            },
            Reference = o =>
            {
                double[] y = new double[batch * queries * heads * headDim];
                float[] numbers = o[6].Floats;
                Func<double, int, int, double>? scores = kind switch
                {
                    "alibi" => (score, head, distance) => score + numbers[head] * distance,
                    "cap" => (score, _, _) => Cap * Math.Tanh(score / Cap),
                    "relative" => (score, head, distance) => score + numbers[(Math.Clamp(distance, -number, number) + number) * heads + head],
                    _ => null,
                };
                AttentionKernel.Reference(o[0].Floats, o[1].Floats, o[2].Floats, first, [], [], y, batch, queries, keys, heads, kvHeads, headDim, scale, causal: true,
                    kind == "window" ? number : int.MaxValue, kind == "prefix" ? number : 0, scores);
                return [y];
            },
            Tolerance = _ => 1e-5,   // 2e-6 · (1 + max|v|) with max|v| about 4
        };
    }

    /// <summary>Every query sees every key, with a bias by their distance.</summary>
    private static KernelCase RelativeBoth(int queries, int keys, int heads, int headDim, int reach) => new($"attention full relative {reach} {queries}x{keys} heads {heads} of {headDim}")
    {
        Operands = [.. Operands(DType.F32, DType.F32, 1, queries, keys, heads, heads, headDim, null, null, null), Table("relative", reach, heads)],
        Op = (g, t) => [g.Attention(t[0], t[1], t[2].Reshape(t[1].Shape.Dims), heads, heads, 1f, scores: AttentionScores.Relative(t[6]))],
        Reference = o =>
        {
            double[] y = new double[queries * heads * headDim];
            float[] numbers = o[6].Floats;
            AttentionKernel.Reference(o[0].Floats, o[1].Floats, o[2].Floats, [], [], [], y, 1, queries, keys, heads, heads, headDim, 1, causal: false,
                scores: (score, head, distance) => score + numbers[(Math.Clamp(distance, -reach, reach) + reach) * heads + head]);
            return [y];
        },
        Tolerance = _ => 1e-5,   // 2e-6 · (1 + max|v|) with max|v| about 4
    };

    private static Operand Table(string kind, int reach, int heads)
        => kind == "relative" ? Operand.Normal(DType.F32, 1, 2 * reach + 1, heads) : Operand.Of(DType.F32, [.. Enumerable.Range(1, heads).Select(i => MathF.Pow(2, -2f * i))], heads);

    private static KernelCase Decode(DType type, DType cache, int batch, int capacity, int heads, int kvHeads, int headDim, int[] last, int[]? start)
    {
        float scale = 1f / MathF.Sqrt(headDim);
        return new KernelCase($"attention {type} {cache} decode {batch}x{capacity} heads {heads}/{kvHeads} of {headDim}, last {string.Join(",", last)} start {string.Join(",", start ?? [])}")
        {
            Operands = Operands(type, cache, batch, 1, capacity, heads, kvHeads, headDim, last, start, null),
            Op = (g, t) => [g.CausalAttention(t[0], t[1], t[2].Reshape(t[1].Shape.Dims), heads, kvHeads, scale, t[3], start is null ? null : t[4])],
            Reference = o => Reference(o, batch, 1, capacity, heads, kvHeads, headDim, scale, true, last, start ?? [], []),
            Tolerance = _ => 1e-5,   // 2e-6 · (1 + max|v|) with max|v| about 4
        };
    }

    private static Operand[] Operands(DType type, DType cache, int batch, int queries, int keys, int heads, int kvHeads, int headDim, int[]? first, int[]? start, int[]? end) =>
    [
        Operand.Normal(type, 1, batch, queries, heads * headDim), Operand.Normal(cache, 1, batch, keys, kvHeads * headDim), Operand.Normal(cache, 1, batch, keys, kvHeads * headDim, 1),
        Operand.Ints32(first ?? [0]), Operand.Ints32(start ?? [0]), Operand.Ints32(end ?? [0]),
    ];

    private static double[][] Reference(Operand[] o, int batch, int queries, int keys, int heads, int kvHeads, int headDim, float scale, bool causal, int[] first, int[] start, int[] end)
    {
        double[] y = new double[batch * queries * heads * headDim];
        AttentionKernel.Reference(o[0].Floats, o[1].Floats, o[2].Floats, first, start, end, y, batch, queries, keys, heads, kvHeads, headDim, scale, causal);
        return [y];
    }

    private static KernelCase Append(DType type, DType cache, int batch, int tokens, int capacity, int width, int[] first) => new($"cache_append {type} {cache} {batch}x{tokens} into {capacity}x{width} at {string.Join(",", first)}")
    {
        Operands =
        [
            Operand.Normal(type, 1, batch, tokens, width), Operand.Normal(type, 1, batch, tokens, width, 1), Operand.Normal(cache, 1, batch, capacity, width),
            Operand.Normal(cache, 1, batch, capacity, width, 1), Operand.Ints32(first),
        ],
        Op = (g, t) =>
        {
            Tensor cacheValues = t[3].Reshape(t[2].Shape.Dims);
            g.CacheAppend(t[0], t[1].Reshape(t[0].Shape.Dims), t[2], cacheValues, t[4]);
            return [t[2], cacheValues];
        },
        Reference = o => [Appended(o[0], o[2], first), Appended(o[1], o[3], first)],
    };

    private static double[] Appended(Operand rows, Operand cache, int[] first)
    {
        double[] y = Array.ConvertAll(cache.Floats, value => (double)value);
        CacheAppendKernel.Reference(rows.Floats, first, y, rows.Dims[1], cache.Dims[1], cache.Dims[2]);
        return y;
    }
}
