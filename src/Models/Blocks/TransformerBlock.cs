using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>One pre-norm block over whole sequences: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
/// <param name="spec">The block's shape.</param>
/// <param name="w">Its scope.</param>
/// <param name="stage">The name of its output, and the beginning of its other stages' names.</param>
internal sealed class TransformerBlock(TransformerSpec spec, Scope w, string stage)
{
    private readonly Norm norm1 = spec.Norm.Load(w[spec.Names.Norm1], spec.Hidden), norm2 = spec.Norm.Load(w[spec.Names.Norm2], spec.Hidden);
    private readonly Linear query = Linear.Load(w[spec.Names.Query], spec.Hidden, spec.Heads * spec.HeadDim, spec.Bias);
    private readonly Linear key = Linear.Load(w[spec.Names.Key], spec.Hidden, spec.Heads * spec.HeadDim, spec.Bias);
    private readonly Linear value = Linear.Load(w[spec.Names.Value], spec.Hidden, spec.Heads * spec.HeadDim, spec.Bias);
    private readonly Linear output = Linear.Load(w[spec.Names.Output], spec.Heads * spec.HeadDim, spec.Hidden, spec.Bias);
    private readonly Mlp mlp = spec.Mlp.Load(spec.Names.Mlp.Length == 0 ? w : w[spec.Names.Mlp], spec.Hidden);

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

    /// <summary>Every token sees every token: x [sequences, tokens, hidden] -> [sequences, tokens, hidden].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[sequences, tokens, hidden].</param>
    /// <param name="keyEnd">I32 [sequences]: the end of each sequence's tokens, behind which is padding; all count where left out.</param>
    /// <param name="scores">What becomes of the scores.</param>
    public Tensor Apply(Graph g, Tensor x, Tensor? keyEnd = null, AttentionScores? scores = null)
        => Apply(g, x, (q, k, v) => g.Attention(q, k, v, spec.Heads, spec.Heads, spec.Scale, keyEnd: keyEnd, scores: scores));

    /// <summary>A token sees those before it and itself: x [texts, tokens, hidden] -> [texts, tokens, hidden].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[texts, tokens, hidden].</param>
    /// <param name="keyStart">I32 [texts]: each text's first token that is not padding; all count where left out.</param>
    public Tensor ApplyCausally(Graph g, Tensor x, Tensor? keyStart)
        => Apply(g, x, (q, k, v) => g.CausalAttention(q, k, v, spec.Heads, spec.Heads, spec.Scale, keyStart: keyStart));

    private Tensor Apply(Graph g, Tensor x, Func<Tensor, Tensor, Tensor, Tensor> attend)
    {
        Tensor n = g.Name(norm1.Apply(g, x), $"{stage}.ln1");
        var project = new Projection(g);
        Tensor[] qkv = project.Apply(n, (Slot.Query, query), (Slot.Key, key), (Slot.Value, value));
        Tensor o = attend(qkv[0], qkv[1], qkv[2]);   // [sequences, tokens, hidden]
        Tensor h = Residual.Add(g, x, output, o, $"{stage}.attn");
        Tensor y = mlp.Apply(g, g.Name(norm2.Apply(g, h), $"{stage}.ln2"), h, project, stage);
        return g.Name(y, stage);
    }
}
