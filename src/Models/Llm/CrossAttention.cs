using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>A decoder block's attention to an encoder's states, whose keys and values are computed once for each prompt.</summary>
internal sealed class CrossAttention
{
    private readonly AttentionSpec spec;
    private readonly Linear query, key, value, output;

    /// <summary>With the weights of a block's scope.</summary>
    public CrossAttention(Scope w, CrossAttentionSpec places, LlmSpec llm)
    {
        spec = llm.Attention;
        int heads = spec.Heads * spec.HeadDim, kvHeads = spec.KvHeads * spec.HeadDim;
        query = places.Query.Load(w, llm.Hidden, heads, spec.QkvBias);
        key = places.Key.Load(w, llm.Hidden, kvHeads, spec.QkvBias);
        value = places.Value.Load(w, llm.Hidden, kvHeads, spec.QkvBias);
        output = places.Output.Load(w, heads, llm.Hidden, spec.OutputBias);
    }

    /// <summary>Puts keys and values of the encoder's states [tokens, hidden] into the memory.</summary>
    public void Remember(Graph g, Tensor states, EncoderMemory memory, int layer)
        => g.CacheAppend(key.Apply(g, states), value.Apply(g, states), memory.Keys(layer), memory.Values(layer), g.Constant<int>(DType.I32, new Shape(1), [0]));

    /// <summary>x [tokens, hidden] -> [tokens, hidden], plus the residual where given.</summary>
    public Tensor Apply(Graph g, Tensor x, Tensor? residual, EncoderMemory memory, int layer)
    {
        Tensor q = query.Apply(g, x), k = memory.Keys(layer), v = memory.Values(layer);
        // All keys lie before the one query of a step where it counts as the last of them, which is what the kernel for a single query wants.
        Tensor o = x.Shape[0] == 1
            ? g.CausalAttention(q, k, v, spec.Heads, spec.KvHeads, spec.Scale, first: memory.Last)
            : g.Attention(q, k, v, spec.Heads, spec.KvHeads, spec.Scale, keyEnd: memory.Rows);
        return output.Apply(g, o, residual);
    }
}
