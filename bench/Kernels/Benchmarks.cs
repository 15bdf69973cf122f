using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Bench.Kernels;

/// <summary>The kernels at shapes of their daily work.</summary>
internal static class Benchmarks
{
    private const string Flops = "GF/s", Bytes = "GB/s";

    private static readonly DType[] weightTypes = [DType.F32, DType.F16, DType.BF16];

    public static IEnumerable<Benchmark> All() => Compared().Concat(FewRows()).Concat(Elementwise()).Concat(Attentions()).Concat(Small());

    /// <summary>Those with a yardstick of the same work.</summary>
    public static IEnumerable<Benchmark> Compared() => Gemms().Concat(TensorCores()).Concat(RowKernels());

    private static IEnumerable<Benchmark> Gemms()
    {
        foreach ((string name, int m, int n, int k) in new[]
        {
            ("512^3", 512, 512, 512), ("1024^3", 1024, 1024, 1024), ("576x4096x1024 (CLIP-L fc1)", 576, 4096, 1024), ("512x8192x2048 (1B prefill)", 512, 8192, 2048),
            ("512x2048x8192 (1B prefill)", 512, 2048, 8192), ("64x384x128", 64, 384, 128),
        })
            foreach (DType type in weightTypes)
                yield return new Benchmark($"gemm {name} {type} weights", Flops, 2.0 * m * n * k, operands =>
                {
                    (float[] x, float[] w, float[] y) = (Operands.Random(m * k), Operands.Random(n * k), new float[m * n]);
                    (Tensor tx, Tensor tw) = (operands.Tensor(x, m, k), operands.Weights(type, w, n, k));
                    return new Run(g => g.Gemm(tx, tw)) { Yardstick = () => Yardsticks.Gemm(x, w, y, m, n, k, operands.Threads), OpenBlas = OpenBlas.Gemm(x, w, y, m, n, k, operands.Threads) };
                });
    }

    private static IEnumerable<Benchmark> TensorCores()
    {
        foreach ((string name, int m, int n, int k) in new[] { ("512^3", 512, 512, 512), ("1024^3", 1024, 1024, 1024), ("576x4096x1024 (CLIP-L fc1)", 576, 4096, 1024), ("64x384x128", 64, 384, 128) })
            foreach (DType type in new[] { DType.F16, DType.BF16 })
                yield return new Benchmark($"gemm {name} {type} tensor cores", Flops, 2.0 * m * n * k, operands =>
                {
                    (float[] x, float[] w, float[] y) = (Operands.Random(m * k), Operands.Random(n * k), new float[m * n]);
                    (Tensor tx, Tensor tw) = (operands.Weights(type, x, m, k), operands.Weights(type, w, n, k));
                    return new Run(g => g.TensorGemm(tx, tw)) { Yardstick = () => Yardsticks.Gemm(x, w, y, m, n, k, operands.Threads), OpenBlas = OpenBlas.Gemm(x, w, y, m, n, k, operands.Threads) };
                });
    }

    private static IEnumerable<Benchmark> RowKernels()
    {
        const int Rows = 4096, Columns = 1024;
        yield return OnRows("rms_norm", (g, x, w) => g.RmsNorm(x, w, 1e-5f), (x, w, y, threads) => Yardsticks.RmsNorm(x, w, y, Columns, threads));
        yield return OnRows("layer_norm", (g, x, w) => g.LayerNorm(x, w, w, 1e-5f), (x, w, y, threads) => Yardsticks.LayerNorm(x, w, w, y, Columns, threads));
        yield return OnRows("softmax", (g, x, _) => g.Softmax(x), (x, _, y, threads) => Yardsticks.Softmax(x, y, Columns, threads));
        yield return OnRows("gelu_tanh", (g, x, _) => g.Activate(x, Activation.GeluTanh), (x, _, y, threads) => Yardsticks.GeluTanh(x, y, threads));
        yield return OnRows("gelu", (g, x, _) => g.Activate(x, Activation.Gelu), (x, _, y, threads) => Yardsticks.Gelu(x, y, threads));

        static Benchmark OnRows(string name, Action<Graph, Tensor, Tensor> record, Action<float[], float[], float[], int> yardstick)
            => new($"{name} {Rows}x{Columns}", Bytes, 8.0 * Rows * Columns, operands =>
            {
                (float[] x, float[] w, float[] y) = (Operands.Random(Rows * Columns), Operands.Random(Columns), new float[Rows * Columns]);
                (Tensor tx, Tensor tw) = (operands.Tensor(x, Rows, Columns), operands.Tensor(w, Columns));
                return new Run(g => record(g, tx, tw)) { Yardstick = () => yardstick(x, w, y, operands.Threads) };
            });
    }

    /// <summary>
    /// One row and a batch of few: the weights are read once, so the yardstick is a plain read of as many bytes. The kernel of many rows stands beside that of few.
    /// </summary>
    private static IEnumerable<Benchmark> FewRows()
    {
        foreach ((int n, int k) in new[] { (8192, 4096), (512, 512) })   // larger than the caches; within them
            foreach (DType type in weightTypes) yield return Few("gemv", 1, n, k, type, (g, x, w) => g.Gemv(x, w));
        foreach (DType type in new[] { DType.F32, DType.BF16 })
            foreach (int rows in new[] { 2, 4, 8, 16 })
            {
                yield return Few("gemv", rows, 8192, 2048, type, (g, x, w) => g.Gemv(x, w));
                if (rows >= 8) yield return Few("gemm", rows, 8192, 2048, type, (g, x, w) => g.Gemm(x, w));
            }

        static Benchmark Few(string name, int rows, int n, int k, DType type, Action<Graph, Tensor, Tensor> record)
            => new($"{name} {rows} rows {n}x{k} {type} weights", Bytes, (double)n * k * type.Bytes(), operands =>
            {
                float[] w = Operands.Random(n * k);
                (Tensor tx, Tensor tw) = (operands.Tensor(rows, k), operands.Weights(type, w, n, k));
                return new Run(g => record(g, tx, tw)) { Yardstick = () => Yardsticks.Sum(w, operands.Threads) };
            })
            { YardstickWork = 4.0 * n * k };
    }

    private static IEnumerable<Benchmark> Elementwise()
    {
        const int Rows = 4096, Columns = 1024;
        foreach (Activation activation in new[] { Activation.None, Activation.Relu, Activation.QuickGelu, Activation.Silu })
            yield return new Benchmark($"{activation} {Rows}x{Columns}", Bytes, 8.0 * Rows * Columns, operands =>
            {
                Tensor x = operands.Tensor(Rows, Columns);
                return new Run(g => g.Activate(x, activation));
            });
        yield return new Benchmark($"add {Rows}x{Columns}", Bytes, 12.0 * Rows * Columns, operands =>
        {
            (Tensor a, Tensor b) = (operands.Tensor(Rows, Columns), operands.Tensor(Rows, Columns));
            return new Run(g => g.Add(a, b));
        });
    }

    private static IEnumerable<Benchmark> Attentions()
    {
        foreach ((int tokens, int heads, int headDim, bool causal) in new[] { (577, 16, 64, false), (512, 16, 64, true), (512, 8, 128, true), (65, 4, 32, false) })
            yield return new Benchmark($"attention {tokens} heads {heads}x{headDim}{(causal ? " causal" : "")}", Flops, 4.0 * tokens * tokens * heads * headDim / (causal ? 2 : 1), operands =>
            {
                (Tensor q, Tensor k, Tensor v) = (operands.Tensor(tokens, heads * headDim), operands.Tensor(tokens, heads * headDim), operands.Tensor(tokens, heads * headDim));
                return new Run(g => { if (causal) g.CausalAttention(q, k, v, heads, heads, 0.1f); else g.Attention(q, k, v, heads, heads, 0.1f); });
            });
        foreach ((int keys, int heads, int kvHeads, int headDim) in new[] { (1024, 32, 32, 64), (4096, 32, 8, 128) })
            yield return new Benchmark($"decode attention {keys} heads {heads}/{kvHeads}x{headDim}", Bytes, 8.0 * keys * kvHeads * headDim, operands =>
            {
                (Tensor q, Tensor k, Tensor v) = (operands.Tensor(1, heads * headDim), operands.Tensor(keys, kvHeads * headDim), operands.Tensor(keys, kvHeads * headDim));
                Tensor last = operands.Number(keys - 1);
                return new Run(g => g.CausalAttention(q, k, v, heads, kvHeads, 0.1f, last));
            });
    }

    private static IEnumerable<Benchmark> Small()
    {
        yield return new Benchmark("embedding 512x1024", Bytes, 8.0 * 512 * 1024, operands =>
        {
            (Tensor ids, Tensor table) = (operands.Counting(512), operands.Tensor(1000, 1024));
            return new Run(g => g.Embedding(ids, table));
        });
        yield return new Benchmark("rotary 512x1024", Bytes, 8.0 * 512 * 1024, operands =>
        {
            (Tensor x, Tensor positions, Tensor frequencies) = (operands.Tensor(512, 1024), operands.Counting(512), operands.Tensor(32));
            return new Run(g => g.Rotary(x, positions, frequencies, 16));
        });
        yield return new Benchmark("argmax 32000", Bytes, 4.0 * 32000, operands =>
        {
            Tensor logits = operands.Tensor(1, 32000);
            return new Run(g => g.ArgMax(logits));
        });
        yield return new Benchmark("rms_norm 1x160, 100 in a row", Bytes, 100 * 12.0 * 160, operands =>
        {
            (Tensor row, Tensor w) = (operands.Tensor(1, 160), operands.Tensor(160));
            return new Run(g => { for (int i = 0; i < 100; i++) g.RmsNorm(row, w, 1e-5f); });
        });
    }
}
