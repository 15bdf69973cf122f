using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

public static class TokenCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach ((DType table, DType type) in new[] { (DType.F32, DType.F32), (DType.F16, DType.F32), (DType.BF16, DType.F32), (DType.F16, DType.F16), (DType.BF16, DType.BF16) })
        {
            yield return Embedding(table, type, 33, [0, 10, 3, 3, 7]);
            yield return Merge(table, type, 33, [5, 480, 480, 9, 1], [-1, 0, 2, -1, 1]);
        }
        yield return Embedding(DType.F32, DType.F32, 1, [4]);
        yield return Embedding(DType.F32, DType.F32, 32, [-1, 11, 10]);                      // outside the table: zeros
        yield return Merge(DType.F32, DType.F32, 7, [-1, 99, 1, 2], [-1, -1, 3, 2]);         // outside the tables: zeros
        yield return Embedding(DType.F32, DType.F32, 33, [0, 10, -1], 6.5f);
        yield return Merge(DType.F16, DType.F32, 33, [5, 4, 48], [-1, 0, -1], 6.5f);
        yield return Gather(DType.F32, 5, 31, [4]);
        yield return Gather(DType.F32, 5, 64, [0, 4, 4, 2, -1, 5]);
        yield return Gather(DType.F16, 3, 33, [2, 0]);
        yield return Gather(DType.BF16, 3, 33, [2, 0]);
        yield return Join(DType.F32, 5, 1, 33, 64);
        yield return Join(DType.F16, 3, 7, 40);
        foreach (bool largest in new[] { false, true })
        {
            yield return Pool(DType.F32, 2, 17, 33, 8, largest);
            yield return Pool(DType.F32, 1, 3, 5, 2, largest);
            yield return Pool(DType.BF16, 3, 4, 40, 1, largest);
        }
        foreach (int columns in new[] { 1, 31, 255, 256, 257, 482, 1000 }) yield return ArgMax($"argmax F32 3x{columns}", Operand.Normal(DType.F32, 1, 3, columns));
        yield return ArgMax("argmax F16 3x100", Operand.Whole(DType.F16, 2, 3, 100));       // many ties
        yield return ArgMax("argmax BF16 3x700", Operand.Whole(DType.BF16, 3, 3, 700));
        yield return ArgMax("argmax special values", Operand.Of(DType.F32,
        [
            0f, -0f, -1f, -2f,
            -0f, 0f, -1f, -2f,
            float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
            1f, float.NaN, float.PositiveInfinity, float.NaN,
            float.MinValue, -1e-45f, -1e-40f, -1f,
        ], 5, 4));
        foreach ((int elements, int bins) in new[] { (1, 1), (33, 8), (2048, 64), (2049, 64), (5000, 257), (4100, 2048), (4100, 2049) }) yield return Histogram(elements, bins);
        yield return Advance([7, 9, 11], [100, 101, 102], [3, 0, 50], 4, 2);
        yield return Advance([7], [100], [3], 4, 9);     // the ring has turned
        yield return Advance(Enumerable.Range(0, 130).ToArray(), Enumerable.Range(5, 130).ToArray(), Enumerable.Range(9, 130).ToArray(), 2, 0);
    }

    private static KernelCase Embedding(DType table, DType type, int hidden, int[] ids, float scale = 1f) => new($"embedding {table} to {type} {hidden} [{string.Join(",", ids)}] scale {scale}")
    {
        Operands = [Operand.Ints32(ids), Operand.Normal(table, 1, 11, hidden)],
        Op = (g, t) => [g.Embedding(t[0], t[1], type, scale)],
        Reference = o =>
        {
            double[] y = new double[ids.Length * hidden];
            EmbeddingKernel.Reference(ids, o[1].Floats, y, hidden, scale);
            return [y];
        },
    };

    private static KernelCase Merge(DType table, DType type, int hidden, int[] ids, int[] index, float scale = 1f) => new($"merge_tokens {table} {type} {hidden} [{string.Join(",", ids)}] [{string.Join(",", index)}] scale {scale}")
    {
        Operands = [Operand.Ints32(ids), Operand.Ints32(index), Operand.Normal(table, 1, 11, hidden), Operand.Normal(type, 1, 3, hidden)],
        Op = (g, t) => [g.MergeTokens(t[0], t[1], t[2], t[3], scale)],
        Reference = o =>
        {
            double[] y = new double[ids.Length * hidden];
            MergeTokensKernel.Reference(ids, index, o[2].Floats, o[3].Floats, y, hidden, scale);
            return [y];
        },
    };

    private static KernelCase Gather(DType type, int rows, int columns, int[] indices) => new($"gather_rows {type} {rows}x{columns} [{string.Join(",", indices)}]")
    {
        Operands = [Operand.Normal(type, 1, rows, columns), Operand.Ints32(indices)],
        Op = (g, t) => [g.GatherRows(t[0], t[1])],
        Reference = o =>
        {
            double[] y = new double[indices.Length * columns];
            GatherRowsKernel.Reference(o[0].Floats, indices, y, columns);
            return [y];
        },
    };

    private static KernelCase Join(DType type, int rows, params int[] columns) => new($"join_columns {type} {rows}x[{string.Join(",", columns)}]")
    {
        Operands = [.. columns.Select((width, i) => Operand.Normal(type, i + 1, rows, width))],
        Op = (g, t) => [g.JoinColumns(t)],
        Reference = o =>
        {
            int all = columns.Sum(), offset = 0;
            double[] y = new double[rows * all];
            for (int i = 0; i < o.Length; offset += columns[i++]) JoinColumnsKernel.Reference(o[i].Floats, y, columns[i], all, offset);
            return [y];
        },
    };

    private static KernelCase Pool(DType type, int groups, int rows, int columns, int window, bool largest) => new($"pool_rows {(largest ? "max" : "mean")} {type} {groups}x{rows}x{columns} by {window}")
    {
        Operands = [Operand.Normal(type, 1, groups, rows, columns)],
        Op = (g, t) => [largest ? g.MaxPoolRows(t[0], window) : g.MeanPoolRows(t[0], window)],
        Reference = o =>
        {
            double[] y = new double[groups * (rows / window) * columns];
            PoolRowsKernel.Reference(o[0].Floats, y, rows, columns, window, largest);
            return [y];
        },
        Tolerance = largest ? null : _ => window * Math.ScaleB(1, -22),   // window roundings of sums of values up to about 4
    };

    private static KernelCase ArgMax(string name, Operand x) => new(name)
    {
        Operands = [x],
        Op = (g, t) => [g.ArgMax(t[0])],
        Reference = o =>
        {
            int[] y = new int[o[0].Dims[0]];
            ArgMaxKernel.Reference(o[0].Floats, y, o[0].Dims[1]);
            return [Array.ConvertAll(y, value => (double)value)];
        },
    };

    /// <summary>Some bins are hit often, some never, some numbers lie outside.</summary>
    private static KernelCase Histogram(int elements, int bins) => new($"histogram {elements} in {bins}")
    {
        Operands = [Operand.Ints32([.. Enumerable.Range(0, elements).Select(i => i % 3 == 0 ? bins / 2 : i * 7919 % (bins + 3) - 1)])],
        Op = (g, t) => [g.Histogram(t[0], bins)],
        Reference = o =>
        {
            int[] counts = new int[bins];
            HistogramKernel.Reference(o[0].Ints, counts);
            return [Array.ConvertAll(counts, value => (double)value)];
        },
    };

    private static KernelCase Advance(int[] sampled, int[] positions, int[] lengths, int capacity, int step) => new($"advance batch {sampled.Length} ring {capacity} step {step}")
    {
        Operands =
        [
            Operand.Ints32(sampled), Operand.Ints32(new int[sampled.Length]), Operand.Ints32(positions), Operand.Ints32(lengths),
            Operand.Ints32(new int[capacity * sampled.Length], capacity, sampled.Length), Operand.Ints32(step),
        ],
        Op = (g, t) =>
        {
            g.Advance(t[0], t[1], t[2], t[3], t[4], t[5]);
            return t[1..];
        },
        Reference = o =>
        {
            int[][] state = [.. o.Skip(1).Select(operand => operand.Ints)];
            AdvanceKernel.Reference(sampled, state[0], state[1], state[2], state[3], state[4]);
            return Array.ConvertAll(state, values => Array.ConvertAll(values, value => (double)value));
        },
    };
}
