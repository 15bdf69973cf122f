using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>One block: attention and MLP, put together as the spec's residual layout says.</summary>
internal sealed class DecoderBlock
{
    private readonly int layer;
    private readonly string stage;
    private readonly AttentionSpec spec;
    private readonly AttentionScores? scores;
    private readonly BlockResidual residual;
    private readonly Linear query, key, value, output;
    private readonly Norm? queryNorm, keyNorm;
    private readonly CrossAttention? cross;
    private readonly Mlp mlp;

    private DecoderBlock(Scope w, LlmSpec llm, int layer, AttentionScores? scores)
    {
        (this.layer, stage, spec, this.scores) = (layer, $"{llm.Stage}.block{layer}", llm.Attention, scores);
        int hidden = llm.Hidden, heads = spec.Heads * spec.HeadDim, kvHeads = spec.KvHeads * spec.HeadDim;
        LlmNames names = llm.Names;
        residual = llm.Residual.Load(w, llm.Norm, hidden);
        query = names.Query.Load(w, hidden, heads, spec.QkvBias);
        key = names.Key.Load(w, hidden, kvHeads, spec.QkvBias);
        value = names.Value.Load(w, hidden, kvHeads, spec.QkvBias);
        output = names.Output.Load(w, heads, hidden, spec.OutputBias);
        queryNorm = spec.HeadNorm?.Load(w[names.QueryNorm], spec.Heads, spec.HeadDim);
        keyNorm = spec.HeadNorm?.Load(w[names.KeyNorm], spec.KvHeads, spec.HeadDim);
        if (llm.Encoder is { } encoder) cross = new CrossAttention(w, encoder.Cross, llm);
        mlp = llm.Mlp.Load(names.Mlp.Length == 0 ? w : w[names.Mlp], hidden);
    }

    public static DecoderBlock Load(Scope w, LlmSpec llm, int layer, AttentionScores? scores) => new(w, llm, layer, scores);

    /// <summary>x [tokens, hidden] -> [tokens, hidden]; appends keys and values to the cache.</summary>
    public Tensor Apply(Graph g, Tensor x, Tensor positions, KvCache cache, Hooks? hooks)
    {
        if (hooks is not null) x = hooks.Connector.BeforeBlock(g, layer, x, hooks.Visual, hooks.Map);
        var project = new Projection(g, hooks is null ? null : (slot, linear, input, residual) => hooks.Connector.Project(g, layer, slot, input, linear, residual, hooks.Map));

        Tensor y = residual.Apply(g, x, new Branches(
            (input, residual) => project.Apply(Slot.Output, output, Attend(g, input, positions, cache, project), residual),
            (input, residual) => mlp.Apply(g, input, residual, project, stage),
            cross is null ? null : (input, residual) => cross.Apply(g, input, residual, cache.Memory!, layer)), stage);

        if (hooks is not null) y = hooks.Connector.AfterBlock(g, layer, y, hooks.Visual, hooks.Map);
        return g.Name(y, stage);
    }

    /// <summary>Puts keys and values of an encoder's states [tokens, hidden] into the cache's memory.</summary>
    public void Remember(Graph g, Tensor states, KvCache cache) => cross!.Remember(g, states, cache.Memory!, layer);

    /// <summary>n [tokens, hidden] -> the heads' outputs [tokens, heads · headDim].</summary>
    private Tensor Attend(Graph g, Tensor n, Tensor positions, KvCache cache, Projection project)
    {
        Tensor[] qkv = project.Apply(n, (Slot.Query, query), (Slot.Key, key), (Slot.Value, value));
        Tensor q = Place(g, qkv[0], queryNorm, spec.Heads, positions, cache), k = Place(g, qkv[1], keyNorm, spec.KvHeads, positions, cache), v = qkv[2];   // [tokens, heads · headDim]
        if (spec.LogPositions is { } trained) q = g.LogPosition(q, positions, trained);
        g.CacheAppend(BySequence(k, cache), BySequence(v, cache), cache.Keys(layer), cache.Values(layer), cache.Length);
        Tensor o = g.CausalAttention(BySequence(q, cache), cache.Keys(layer), cache.Values(layer), spec.Heads, spec.KvHeads, spec.Scale, cache.Length, mask: Mask(cache), scores: scores);
        return o.Reshape(q.Shape.Dims);
    }

    /// <summary>[tokens, width], or [sequences, tokens of each, width] where there are several.</summary>
    private static Tensor BySequence(Tensor x, KvCache cache)
        => cache.Sequences == 1 ? x : x.Reshape(cache.Sequences, (int)(x.Shape.Elements / x.Shape[^1]) / cache.Sequences, x.Shape[^1]);

    /// <summary>Queries or keys normalised and turned by their positions.</summary>
    private Tensor Place(Graph g, Tensor x, Norm? norm, int heads, Tensor positions, KvCache cache)
    {
        if (norm is not null) x = HeadNormSpec.Apply(g, norm, x, heads);
        return spec.Rotary is { } rotary ? g.Rotary(x, positions, cache.Frequencies!, heads * rotary.Axes, rotary.Magnitude, rotary.Pairs) : x;
    }

    private CausalMask Mask(KvCache cache)
        => spec.Window is { } window && window.Covers(layer) ? CausalMask.Window(window.Keys) : cache.Prefix > 0 ? CausalMask.Prefix(cache.Prefix) : CausalMask.Full;
}
