using MmKernels.Kernels;

namespace MmKernels.Tests.Kernels;

/// <summary>Rows of logits with what their requests ask for.</summary>
public static class SamplingCases
{
    private static readonly float[] Plain = Chances(temperature: 1f);

    public static IEnumerable<KernelCase> All()
    {
        foreach (int columns in new[] { 1, 2, 31, 32, 33, 511, 512, 513, 2048, 2049, 5000 })
        {
            yield return Sample($"plain {columns}", Operand.Normal(DType.F32, 3, 4, columns), Plain, 0);
            yield return Sample($"all filters {columns}", Operand.Normal(DType.F32, 3, 4, columns), Chances(0.7f, topP: 0.8f, minP: 0.02f), 40);
        }
        yield return Sample("greedy F16 with ties", Operand.Whole(DType.F16, 2, 3, 100), Chances(temperature: 0f), 5);
        yield return Sample("plain BF16", Operand.Normal(DType.BF16, 2, 3, 700), Plain, 0);
        yield return Sample("plain F16", Operand.Normal(DType.F16, 2, 3, 700), Chances(1.3f, topP: 0.9f), 0);
        foreach (int k in new[] { 1, 2, 7, 99, 100, 101 }) yield return Sample($"top {k} among ties", Operand.Whole(DType.F32, 4, 6, 100), Plain, k);
        foreach (float p in new[] { 0f, 1e-6f, 0.5f, 0.999f, 1f }) yield return Sample($"top p {p} among ties", Operand.Whole(DType.F32, 4, 6, 100), Chances(1f, topP: p), 0);
        foreach (float p in new[] { 0f, 0.1f, 1f }) yield return Sample($"min p {p} among ties", Operand.Whole(DType.F32, 4, 6, 100), Chances(1f, minP: p), 0);
        foreach (float temperature in new[] { 1e-30f, 0.01f, 100f, 1e30f }) yield return Sample($"temperature {temperature}", Operand.Normal(DType.F32, 3, 6, 300), Chances(temperature), 0);
        yield return Sample("all equal", Operand.Of(DType.F32, [.. Enumerable.Repeat(2.5f, 3 * 777)], 3, 777), Chances(0.5f, topP: 0.3f, minP: 0.5f), 5);
        yield return Sample("half of the mass above, p 0.5", Operand.Of(DType.F32, [1f, 1f, 1f, 1f, -50f, -60f], 1, 6), Chances(1f, topP: 0.5f), 0);
        yield return Sample("special values", Special, Plain, 0);
        yield return Sample("special values, filters", Special, Chances(2f, topP: 0.6f), 3);
        yield return Sample("special values, greedy", Special, Chances(0f), 0);
        yield return Sample("penalties", Operand.Normal(DType.F32, 1, 5, 60), Chances(0.8f, repetition: 1.3f, presence: 0.5f, frequency: 0.25f), 0, Marks(5, 60));
        yield return Sample("penalties, greedy", Operand.Normal(DType.F32, 1, 5, 60), Chances(0f, repetition: 1.3f, presence: 0.5f, frequency: 0.25f), 0, Marks(5, 60));
        yield return Sample("rewards, top k", Operand.Normal(DType.F32, 1, 5, 60), Chances(1f, repetition: 0.7f, presence: -0.5f, frequency: -0.25f), 10, Marks(5, 60));
        yield return Sample("every token forbidden", Operand.Normal(DType.F32, 1, 2, 40), Plain, 0, [.. Enumerable.Repeat(int.MinValue, 80)]);
        foreach ((int columns, int count) in new[] { (1, 0), (1, 3), (33, 5), (600, 20), (2000, 1) }) yield return LogProbabilities(Operand.Normal(DType.F32, 3, 3, columns), count);
        yield return LogProbabilities(Operand.Whole(DType.F16, 2, 3, 100), 12);
        yield return LogProbabilities(Operand.Whole(DType.BF16, 3, 3, 513), 8);
        yield return Mark([5, 0, 5, 79, -1, 80, 3], [4]);
        yield return Mark([.. Enumerable.Range(0, 3000).Select(i => i * 31 % 97)], [96]);
    }

    /// <summary>Infinities, NaN, zeros of both signs, the smallest and largest numbers; a row without a possible token.</summary>
    private static Operand Special => Operand.Of(DType.F32,
    [
        0f, -0f, -0f, 0f,
        float.NegativeInfinity, 1f, float.NegativeInfinity, 0.5f,
        float.PositiveInfinity, 1f, float.PositiveInfinity, 0.5f,
        1f, float.NaN, 2f, 3f,
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity,
        float.MaxValue, float.MinValue, float.MaxValue, 1e-45f,
        -1e-45f, 1e-45f, -1e-40f, 3e-39f,
    ], 7, 4);

    /// <summary>The numbers of a row, in the layout's order.</summary>
    public static float[] Chances(float temperature, float topP = 1f, float minP = 0f, float repetition = 1f, float presence = 0f, float frequency = 0f)
        => [temperature, topP, minP, repetition, presence, frequency];

    private static int[] Marks(int rows, int columns) => [.. Enumerable.Range(0, rows * columns).Select(i => (i * 7 % 11) switch { 0 => 1, 1 => 2, 2 => 7, 3 => int.MinValue, _ => 0 })];

    private static KernelCase Sample(string name, Operand logits, float[] chances, int topK, int[]? marks = null)
    {
        (int rows, int columns) = (logits.Dims[0], logits.Dims[1]);
        int[] held = [.. Enumerable.Range(0, rows).Select(row => 100 * row)];
        int[] choices = [.. Enumerable.Range(0, rows).SelectMany(row => new[] { topK, 1234, 5678, row & 1 })];
        return new KernelCase($"sample {name}")
        {
            Operands =
            [
                logits, Operand.Of(DType.F32, [.. Enumerable.Repeat(chances, rows).SelectMany(row => row)], rows, chances.Length), Operand.Ints32(choices, rows, 4), Operand.Ints32(held),
                .. marks is null ? Array.Empty<Operand>() : [Operand.Ints32(marks, rows, columns)],
            ],
            Op = (g, t) => [g.Sample(t[0], t[1], t[2], t[3], ahead: 1, t.Length > 4 ? t[4] : null)],
            Reference = o =>
            {
                float[] values = o[0].Floats;
                return [[.. Enumerable.Range(0, rows).Select(row => (double)SampleKernel.Reference(values.AsSpan(row * columns, columns),
                    marks is null ? [] : marks.AsSpan(row * columns, columns), chances, topK, Share(Philox.Draw(1234, 5678, (uint)(row & 1), (uint)(held[row] + 1)))))]];
            },
        };
    }

    private static double Share(ulong random) => (random >> 11) * Math.ScaleB(1, -53);

    private static KernelCase LogProbabilities(Operand logits, int count)
    {
        (int rows, int columns) = (logits.Dims[0], logits.Dims[1]);
        int[] chosen = [.. Enumerable.Range(0, rows).Select(row => row == 2 ? columns : row * 17 % columns)];   // the last is outside the row
        return new KernelCase($"log_probabilities {logits.Type} {columns} best {count}")
        {
            Operands = [logits, Operand.Ints32(chosen)],
            Op = (g, t) => count == 0 ? [g.LogProbabilities(t[0], t[1], count).Values] : [.. ((Graphs.Tensor[])[g.LogProbabilities(t[0], t[1], count).Values]), g.LogProbabilities(t[0], t[1], count).Tokens],
            Reference = o =>
            {
                var values = new List<double>();
                var tokens = new List<double>();
                for (int row = 0; row < rows; row++)
                {
                    var all = new double[columns];
                    LogProbabilityKernel.Reference(o[0].Floats.AsSpan(row * columns, columns), all);
                    values.Add(chosen[row] < columns ? all[chosen[row]] : double.NaN);
                    int[] order = [.. Enumerable.Range(0, columns).OrderByDescending(i => all[i])];   // a stable sort
                    for (int i = 0; i < count; i++)
                    {
                        values.Add(i < columns ? all[order[i]] : double.NegativeInfinity);
                        tokens.Add(i < columns ? order[i] : -1);
                    }
                }
                return count == 0 ? [[.. values]] : [[.. values], [.. tokens]];
            },
            Tolerance = value => 1e-6 * (1 + Math.Abs(value)),   // the card's
        };
    }

    private static KernelCase Mark(int[] prompt, int[] answer) => new($"mark_tokens {prompt.Length}")
    {
        Operands = [Operand.Ints32(prompt), Operand.Ints32(answer), Operand.Ints32(new int[97], 1, 97)],
        Op = (g, t) =>
        {
            g.MarkPrompt(t[0], t[2]);
            g.MarkTokens(t[1], t[2]);
            return [t[2]];
        },
        Reference = o =>
        {
            var marks = new int[97];
            MarkTokensKernel.Reference(prompt, answer, marks);
            return [Array.ConvertAll(marks, mark => (double)mark)];
        },
    };
}
