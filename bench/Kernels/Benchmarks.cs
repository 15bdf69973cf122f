using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Bench.Kernels;

/// <summary>A kernel at one shape, and what to hold it against.</summary>
/// <param name="Name">The kernel and its shape.</param>
/// <param name="Unit">Of work per second: GFLOP/s or GB/s.</param>
/// <param name="Work">Operations or bytes of a run.</param>
/// <param name="Record">Records one run.</param>
internal sealed record Benchmark(string Name, string Unit, double Work, Action<Graph> Record)
{
    public Action? Yardstick { get; init; }

    /// <summary>Operations or bytes of a run of the yardstick.</summary>
    public double YardstickWork { get; init; } = Work;
}

internal static class Benchmarks
{
    private const string Flops = "GF/s", Bytes = "GB/s";

    public static IEnumerable<Benchmark> All(Accelerator a, int threads)
        => Gemms(a, threads).Concat(Gemvs(a, threads)).Concat(FewRows(a, threads)).Concat(RowKernels(a, threads)).Concat(Attentions(a)).Concat(Small(a));

    private static IEnumerable<Benchmark> Gemms(Accelerator a, int threads)
    {
        foreach ((string name, int m, int n, int k) in new[] { ("gemm 512^3", 512, 512, 512), ("gemm 1024^3", 1024, 1024, 1024), ("gemm CLIP-L fc1 576x4096x1024", 576, 4096, 1024), ("gemm tiny 64x384x128", 64, 384, 128) })
        {
            float[] x = Random(m * k), w = Random(n * k), y = new float[m * n];
            Tensor tx = a.Upload<float>(DType.F32, new Shape(m, k), x);
            double work = 2.0 * m * n * k;
            foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
            {
                Tensor tw = Weights(a, type, w, n, k);
                yield return new Benchmark($"{name} {type} weights", Flops, work, g => g.Gemm(tx, tw)) { Yardstick = () => Yardsticks.Gemm(x, w, y, m, n, k, threads) };
            }
            foreach (DType type in new[] { DType.F16, DType.BF16 })
            {
                Tensor half = Weights(a, type, x, m, k), tw = Weights(a, type, w, n, k);
                yield return new Benchmark($"{name} {type} tensor cores", Flops, work, g => g.TensorGemm(half, tw)) { Yardstick = () => Yardsticks.Gemm(x, w, y, m, n, k, threads) };
            }
        }
    }

    private static IEnumerable<Benchmark> Gemvs(Accelerator a, int threads)
    {
        foreach ((int n, int k) in new[] { (8192, 4096), (512, 512) })   // larger than the caches; within them
        {
            float[] w = Random(n * k);
            Tensor x = a.Upload<float>(DType.F32, new Shape(1, k), Random(k));
            foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
            {
                Tensor tw = Weights(a, type, w, n, k);
                yield return new Benchmark($"gemv {n}x{k} {type} weights", Bytes, tw.Bytes, g => g.Gemv(x, tw)) { Yardstick = () => Yardsticks.Sum(w, threads), YardstickWork = 4.0 * n * k };
            }
        }
    }

    /// <summary>What a batch costs: the same weights, read once for all rows; and the kernel of many rows beside it.</summary>
    private static IEnumerable<Benchmark> FewRows(Accelerator a, int threads)
    {
        const int Outputs = 8192, Inputs = 2048;
        float[] w = Random(Outputs * Inputs);
        foreach (DType type in new[] { DType.F32, DType.BF16 })
        {
            Tensor tw = Weights(a, type, w, Outputs, Inputs);
            foreach (int rows in new[] { 2, 4, 8, 16 })
            {
                Tensor x = Tensor(a, rows, Inputs);
                yield return new Benchmark($"gemv {rows} rows {Outputs}x{Inputs} {type} weights", Bytes, tw.Bytes, g => g.Gemv(x, tw)) { Yardstick = () => Yardsticks.Sum(w, threads), YardstickWork = 4.0 * Outputs * Inputs };
                if (rows >= 8) yield return new Benchmark($"gemm {rows} rows {Outputs}x{Inputs} {type} weights", Bytes, tw.Bytes, g => g.Gemm(x, tw)) { Yardstick = () => Yardsticks.Sum(w, threads), YardstickWork = 4.0 * Outputs * Inputs };
            }
        }
    }

    private static IEnumerable<Benchmark> RowKernels(Accelerator a, int threads)
    {
        const int Rows = 4096, Columns = 1024;
        float[] x = Random(Rows * Columns), w = Random(Columns), y = new float[Rows * Columns];
        Tensor tx = a.Upload<float>(DType.F32, new Shape(Rows, Columns), x), tw = a.Upload<float>(DType.F32, new Shape(Columns), w);
        double bytes = 8.0 * Rows * Columns;
        yield return new Benchmark("rms_norm 4096x1024", Bytes, bytes, g => g.RmsNorm(tx, tw, 1e-5f)) { Yardstick = () => Yardsticks.RmsNorm(x, w, y, Columns, threads) };
        yield return new Benchmark("layer_norm 4096x1024", Bytes, bytes, g => g.LayerNorm(tx, tw, tw, 1e-5f)) { Yardstick = () => Yardsticks.RmsNorm(x, w, y, Columns, threads) };
        yield return new Benchmark("softmax 4096x1024", Bytes, bytes, g => g.Softmax(tx)) { Yardstick = () => Yardsticks.Softmax(x, y, Columns, threads) };
        yield return new Benchmark("gelu_tanh 4096x1024", Bytes, bytes, g => g.Activate(tx, Activation.GeluTanh)) { Yardstick = () => Yardsticks.Gelu(x, y, threads) };
        foreach (Activation activation in new[] { Activation.None, Activation.Relu, Activation.Gelu, Activation.QuickGelu, Activation.Silu })
            yield return new Benchmark($"{activation} 4096x1024", Bytes, bytes, g => g.Activate(tx, activation));
        yield return new Benchmark("add 4096x1024", Bytes, 1.5 * bytes, g => g.Add(tx, tx));
    }

    private static IEnumerable<Benchmark> Attentions(Accelerator a)
    {
        foreach ((int tokens, int heads, int headDim, bool causal) in new[] { (577, 16, 64, false), (512, 16, 64, true), (512, 8, 128, true), (65, 4, 32, false) })
        {
            Tensor q = Tensor(a, tokens, heads * headDim), k = Tensor(a, tokens, heads * headDim), v = Tensor(a, tokens, heads * headDim);
            double work = 4.0 * tokens * tokens * heads * headDim / (causal ? 2 : 1);
            yield return new Benchmark($"attention {tokens} heads {heads}x{headDim}{(causal ? " causal" : "")}", Flops, work,
                g => { if (causal) g.CausalAttention(q, k, v, heads, heads, 0.1f); else g.Attention(q, k, v, heads, heads, 0.1f); });
        }
        foreach ((int keys, int heads, int kvHeads, int headDim) in new[] { (1024, 32, 32, 64), (4096, 32, 8, 128) })
        {
            Tensor q = Tensor(a, 1, heads * headDim), k = Tensor(a, keys, kvHeads * headDim), v = Tensor(a, keys, kvHeads * headDim);
            Tensor last = a.Upload<int>(DType.I32, new Shape(1), [keys - 1]);
            yield return new Benchmark($"decode attention {keys} heads {heads}/{kvHeads}x{headDim}", Bytes, 8.0 * keys * kvHeads * headDim, g => g.CausalAttention(q, k, v, heads, kvHeads, 0.1f, last));
        }
    }

    private static IEnumerable<Benchmark> Small(Accelerator a)
    {
        Tensor x = Tensor(a, 1, 1);
        yield return new Benchmark("launch of one element, 100 in a row", "launches", 100, g => { for (int i = 0; i < 100; i++) g.Add(x, x); });
        Tensor row = Tensor(a, 1, 160), w = a.Upload<float>(DType.F32, new Shape(160), Random(160));
        yield return new Benchmark("rms_norm 1x160, 100 in a row", "launches", 100, g => { for (int i = 0; i < 100; i++) g.RmsNorm(row, w, 1e-5f); });
        Tensor ids = a.Upload<int>(DType.I32, new Shape(512), Enumerable.Range(0, 512).ToArray()), table = Tensor(a, 1000, 1024);
        yield return new Benchmark("embedding 512x1024", Bytes, 8.0 * 512 * 1024, g => g.Embedding(ids, table));
        Tensor frequencies = a.Upload<float>(DType.F32, new Shape(32), Random(32)), q = Tensor(a, 512, 1024);
        yield return new Benchmark("rotary 512x1024", Bytes, 8.0 * 512 * 1024, g => g.Rotary(q, ids, frequencies, 16));
        Tensor logits = Tensor(a, 1, 32000);
        yield return new Benchmark("argmax 32000", Bytes, 4.0 * 32000, g => g.ArgMax(logits));
    }

    private static Tensor Tensor(Accelerator a, params int[] dims) => a.Upload<float>(DType.F32, new Shape(dims), Random((int)new Shape(dims).Elements));

    private static Tensor Weights(Accelerator a, DType type, float[] w, int n, int k) => type switch
    {
        DType.F32 => a.Upload<float>(type, new Shape(n, k), w),
        DType.F16 => a.Upload<Half>(type, new Shape(n, k), Array.ConvertAll(w, value => (Half)value)),
        _ => a.Upload<ushort>(type, new Shape(n, k), Array.ConvertAll(w, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
    };

    private static float[] Random(int length)
    {
        var random = new Random(length);
        var values = new float[length];
        for (int i = 0; i < length; i++) values[i] = (float)(random.NextDouble() * 2 - 1);
        return values;
    }
}
