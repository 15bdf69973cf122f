using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The shipped kernels at shapes of their daily work: a vision encoder of CLIP-L's size, a LLaMA of a billion parameters.</summary>
public static class KernelWorkloads
{
    private const int Rows = 16384, Columns = 1024;   // 64 MB of f32: more than most caches hold

    /// <summary>All of them, kernels of one kind side by side.</summary>
    public static IEnumerable<KernelWorkload> All() => Gemms().Concat(Gemvs()).Concat(Attentions()).Concat(Norms()).Concat(Elementwise()).Concat(Tokens());

    /// <summary>Nothing but multiply-adds.</summary>
    public static KernelWorkload FmaPeak(int repeats)
    {
        const int Threads = 1 << 18;
        return new("FmaPeak", FmaPeakKernel.Operations(Threads, repeats), 0, (g, _) => g.FmaPeak(Threads, repeats, 1f, 1f));
    }

    /// <summary>Nothing but reading, of 256 KB at a time.</summary>
    public static KernelWorkload ReadPeak(int repeats)
    {
        int elements = repeats << 16;
        return new("ReadPeak", 0, 4.0 * elements, (g, inputs) => g.ReadPeak(inputs.Upload<float>(DType.F32, new Shape(elements), new float[elements])));
    }

    private static IEnumerable<KernelWorkload> Gemms()
    {
        foreach ((int m, int n, int k) in new[] { (1024, 1024, 1024), (576, 4096, 1024), (512, 8192, 2048), (512, 2048, 8192) })
            foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
                yield return new($"Gemm {m}x{n}x{k}, {type} weights", 2.0 * m * n * k, 4.0 * m * (n + k) + (double)n * k * type.Bytes(),
                    (g, inputs) => g.Gemm(Values(inputs, DType.F32, m, k), Values(inputs, type, n, k)));
        foreach (DType type in new[] { DType.F16, DType.BF16 })
            yield return new($"TensorGemm 512x512x512, {type}", 2.0 * 512 * 512 * 512, 3.0 * 512 * 512 * type.Bytes(),
                (g, inputs) => g.TensorGemm(Values(inputs, type, 512, 512), Values(inputs, type, 512, 512)));
    }

    private static IEnumerable<KernelWorkload> Gemvs()
    {
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
            yield return new($"Gemv 8192x2048, {type} weights", 2.0 * 8192 * 2048, 8192.0 * 2048 * type.Bytes(),
                (g, inputs) => g.Gemv(Values(inputs, DType.F32, 1, 2048), Values(inputs, type, 8192, 2048)));
    }

    private static IEnumerable<KernelWorkload> Attentions()
    {
        const int Heads = 16, HeadDim = 64, Hidden = Heads * HeadDim, Patches = 577, Keys = 1024;
        yield return new($"Attention {Patches} patches, {Heads} heads of {HeadDim}", 4.0 * Patches * Patches * Hidden, 16.0 * Patches * Hidden,
            (g, inputs) => g.Attention(Values(inputs, DType.F32, Patches, Hidden), Values(inputs, DType.F32, Patches, Hidden), Values(inputs, DType.F32, Patches, Hidden), Heads, Heads, 0.125f));
        yield return new($"Attention {Keys} tokens, causal, {Heads} heads of {HeadDim}", 2.0 * Keys * Keys * Hidden, 16.0 * Keys * Hidden,
            (g, inputs) => g.CausalAttention(Values(inputs, DType.F32, Keys, Hidden), Values(inputs, DType.F32, Keys, Hidden), Values(inputs, DType.F32, Keys, Hidden), Heads, Heads, 0.125f));
        yield return new($"DecodeAttention {Keys} keys, {Heads} heads of {HeadDim}", 0, 8.0 * Keys * Hidden,
            (g, inputs) => g.CausalAttention(Values(inputs, DType.F32, 1, Hidden), Values(inputs, DType.F32, Keys, Hidden), Values(inputs, DType.F32, Keys, Hidden), Heads, Heads, 0.125f,
                inputs.Upload<int>(DType.I32, new Shape(1), [Keys - 1])));
        yield return new($"Rotary 512 tokens, {Heads} heads of {HeadDim}", 0, 8.0 * 512 * Hidden,
            (g, inputs) => g.Rotary(Values(inputs, DType.F32, 512, Hidden), Counting(inputs, 512), Values(inputs, DType.F32, HeadDim / 2), Heads));
    }

    private static IEnumerable<KernelWorkload> Norms()
    {
        yield return Mapped("RmsNorm", (g, x, inputs) => g.RmsNorm(x, Values(inputs, DType.F32, Columns), 1e-5f));
        yield return Mapped("LayerNorm", (g, x, inputs) => g.LayerNorm(x, Values(inputs, DType.F32, Columns), Values(inputs, DType.F32, Columns), 1e-5f));
        yield return Mapped("Softmax", (g, x, _) => g.Softmax(x));
        yield return Mapped("PrefixSum", (g, x, _) => g.PrefixSum(x));
        yield return Mapped("Reduce", (g, x, _) => g.Sum(x), written: 0);
        yield return Mapped("ArgMax", (g, x, _) => g.ArgMax(x), written: 0);
    }

    private static IEnumerable<KernelWorkload> Elementwise()
    {
        foreach (Activation activation in new[] { Activation.Gelu, Activation.GeluTanh, Activation.QuickGelu, Activation.Silu })
            yield return Mapped($"Activation {activation}", (g, x, _) => g.Activate(x, activation));
        yield return Mapped("SwiGlu", (g, x, _) => g.SwiGlu(x, x));
        yield return Mapped("Add", (g, x, _) => g.Add(x, x));
        yield return Mapped("Multiply", (g, x, _) => g.Multiply(x, x));
        yield return Mapped("Cast to F16", (g, x, _) => g.Cast(x, DType.F16), written: 2);
        yield return Mapped("Transpose", (g, x, _) => g.Transpose(x));
    }

    private static IEnumerable<KernelWorkload> Tokens()
    {
        yield return new("Embedding 512 tokens of 2048", 0, 8.0 * 512 * 2048, (g, inputs) => g.Embedding(Counting(inputs, 512), Values(inputs, DType.F32, 1000, 2048)));
        yield return new("GatherRows 512 rows of 2048", 0, 8.0 * 512 * 2048, (g, inputs) => g.GatherRows(Values(inputs, DType.F32, 1000, 2048), Counting(inputs, 512)));
    }

    /// <summary>A kernel that reads [Rows, Columns] of f32 and writes so many bytes for each element.</summary>
    private static KernelWorkload Mapped(string name, Func<Graph, Tensor, TensorScope, Tensor> record, int written = 4)
        => new($"{name} {Rows}x{Columns}", 0, (4.0 + written) * Rows * Columns, (g, inputs) => record(g, Values(inputs, DType.F32, Rows, Columns), inputs));

    /// <summary>Numbers from -1 to 1.</summary>
    private static Tensor Values(TensorScope inputs, DType type, params ReadOnlySpan<int> dims)
    {
        var shape = new Shape(dims);
        var random = new Random((int)shape.Elements);
        if (type == DType.F32) return inputs.Upload<float>(type, shape, Fill<float>(shape, () => random.NextSingle() * 2 - 1));
        if (type == DType.F16) return inputs.Upload<Half>(type, shape, Fill(shape, () => (Half)(random.NextSingle() * 2 - 1)));
        return inputs.Upload<ushort>(type, shape, Fill(shape, () => (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() * 2 - 1) >> 16)));
    }

    private static T[] Fill<T>(Shape shape, Func<T> next)
    {
        var values = new T[shape.Elements];
        for (int i = 0; i < values.Length; i++) values[i] = next();
        return values;
    }

    private static Tensor Counting(TensorScope inputs, int count) => inputs.Upload<int>(DType.I32, new Shape(count), Enumerable.Range(0, count).ToArray());
}
