using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>One block: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class DecoderBlock
{
    private readonly int layer;
    private readonly AttentionSpec spec;
    private readonly Norm attentionNorm, mlpNorm;
    private readonly Linear query, key, value, output;
    private readonly Mlp mlp;
    private readonly Tensor frequencies;

    private DecoderBlock(Scope w, LlmSpec llm, int layer, Tensor frequencies)
    {
        (this.layer, spec, this.frequencies) = (layer, llm.Attention, frequencies);
        int hidden = llm.Hidden, heads = spec.Heads * spec.HeadDim, kvHeads = spec.KvHeads * spec.HeadDim;
        Scope attention = w["self_attn"];
        attentionNorm = llm.Norm.Load(w["input_layernorm"], hidden);
        query = Linear.Load(attention["q_proj"], hidden, heads, spec.QkvBias);
        key = Linear.Load(attention["k_proj"], hidden, kvHeads, spec.QkvBias);
        value = Linear.Load(attention["v_proj"], hidden, kvHeads, spec.QkvBias);
        output = Linear.Load(attention["o_proj"], heads, hidden, spec.OutputBias);
        mlpNorm = llm.Norm.Load(w["post_attention_layernorm"], hidden);
        mlp = llm.Mlp.Load(w["mlp"], hidden);
    }

    public static DecoderBlock Load(Scope w, LlmSpec llm, int layer, Tensor frequencies) => new(w, llm, layer, frequencies);

    /// <summary>x [tokens, hidden] -> [tokens, hidden]; appends keys and values to the cache.</summary>
    public Tensor Apply(Graph g, Tensor x, Tensor positions, KvCache cache, Hooks? hooks)
    {
        string stage = $"llm.block{layer}";
        if (hooks is not null) x = hooks.Connector.BeforeBlock(g, layer, x, hooks.Visual, hooks.Map);
        Projection project = hooks is null
            ? (_, linear, input, residual) => linear.Apply(g, input, residual)
            : (slot, linear, input, residual) => hooks.Connector.Project(g, layer, slot, input, linear, residual, hooks.Map);

        Tensor h = Attend(g, g.Name(attentionNorm.Apply(g, x), $"{stage}.ln1"), x, positions, cache, project, stage);   // [tokens, hidden]
        Tensor y = mlp.Apply(g, g.Name(mlpNorm.Apply(g, h), $"{stage}.ln2"), h, project, stage);

        if (hooks is not null) y = hooks.Connector.AfterBlock(g, layer, y, hooks.Visual, hooks.Map);
        return g.Name(y, stage);
    }

    private Tensor Attend(Graph g, Tensor n, Tensor residual, Tensor positions, KvCache cache, Projection project, string stage)
    {
        Tensor q = g.Rotary(project(Slot.Query, query, n), positions, frequencies, spec.Heads);     // [tokens, heads·headDim]
        Tensor k = g.Rotary(project(Slot.Key, key, n), positions, frequencies, spec.KvHeads);       // [tokens, kvHeads·headDim]
        Tensor v = project(Slot.Value, value, n);
        g.CacheAppend(k, v, cache.Keys(layer), cache.Values(layer), cache.Length);
        Tensor o = g.CausalAttention(q, cache.Keys(layer), cache.Values(layer), spec.Heads, spec.KvHeads, spec.Scale, cache.Length);
        return Residual.Add(g, residual, x => project(Slot.Output, output, o, x), $"{stage}.attn");
    }
}
