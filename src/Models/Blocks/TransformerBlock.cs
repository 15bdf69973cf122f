using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>One block of CLIP's and SigLIP's transformers: x + attention(norm(x)), then x + mlp(norm(x)), with biases everywhere.</summary>
/// <param name="spec">The block's shape.</param>
/// <param name="w">Its scope.</param>
/// <param name="stage">The name of its output, and the beginning of its other stages' names.</param>
internal sealed class TransformerBlock(TransformerSpec spec, Scope w, string stage)
{
    private readonly Norm norm1 = spec.Norm.Load(w["layer_norm1"], spec.Hidden), norm2 = spec.Norm.Load(w["layer_norm2"], spec.Hidden);
    private readonly Linear query = Linear.Load(w["self_attn.q_proj"], spec.Hidden, spec.Hidden, bias: true);
    private readonly Linear key = Linear.Load(w["self_attn.k_proj"], spec.Hidden, spec.Hidden, bias: true);
    private readonly Linear value = Linear.Load(w["self_attn.v_proj"], spec.Hidden, spec.Hidden, bias: true);
    private readonly Linear output = Linear.Load(w["self_attn.out_proj"], spec.Hidden, spec.Hidden, bias: true);
    private readonly Mlp mlp = spec.Mlp.Load(w["mlp"], spec.Hidden);

    /// <summary>Runs blocks up to the last hidden state that is asked for.</summary>
    /// <returns>The hidden states asked for, by index, each [images · tokens, hidden].</returns>
    public static Dictionary<int, Tensor> Stack(Graph g, TransformerBlock[] blocks, Tensor x, ReadOnlySpan<int> taps)
    {
        (int images, int tokens, int width) = x.Shape;
        var hidden = new Dictionary<int, Tensor>();
        int last = 0;
        foreach (int tap in taps) last = Math.Max(last, tap);
        for (int layer = 0; ; layer++)
        {
            if (taps.Contains(layer)) hidden[layer] = x.Reshape(images * tokens, width);
            if (layer == last) return hidden;
            x = blocks[layer].Apply(g, x);
        }
    }

    /// <summary>Every token sees every token: x [images, tokens, hidden] -> [images, tokens, hidden].</summary>
    private Tensor Apply(Graph g, Tensor x) => Apply(g, x, (q, k, v) => g.Attention(q, k, v, spec.Heads, spec.Heads, spec.Scale));

    /// <summary>A token sees those before it and itself: x [texts, tokens, hidden] -> [texts, tokens, hidden].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[texts, tokens, hidden].</param>
    /// <param name="keyStart">I32 [texts]: each text's first token that is not padding; all count where left out.</param>
    public Tensor ApplyCausally(Graph g, Tensor x, Tensor? keyStart)
        => Apply(g, x, (q, k, v) => g.CausalAttention(q, k, v, spec.Heads, spec.Heads, spec.Scale, keyStart: keyStart));

    private Tensor Apply(Graph g, Tensor x, Func<Tensor, Tensor, Tensor, Tensor> attend)
    {
        Tensor n = g.Name(norm1.Apply(g, x), $"{stage}.ln1");
        Tensor o = attend(query.Apply(g, n), key.Apply(g, n), value.Apply(g, n));   // [sequences, tokens, hidden]
        Tensor h = Residual.Add(g, x, output, o, $"{stage}.attn");
        Tensor y = mlp.Apply(g, g.Name(norm2.Apply(g, h), $"{stage}.ln2"), h, Project, stage);
        return g.Name(y, stage);

        Tensor Project(Slot slot, Linear linear, Tensor input, Tensor? residual) => linear.Apply(g, input, residual);
    }
}
