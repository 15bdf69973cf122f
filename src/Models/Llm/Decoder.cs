using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>A language model with its weights: embeddings, blocks, final norm, head.</summary>
public sealed class Decoder
{
    private readonly Tensor embeddings;
    private readonly DecoderBlock[] blocks;
    private readonly Norm norm;
    private readonly Linear head;

    private Decoder(LlmSpec spec, Tensor embeddings, DecoderBlock[] blocks, Norm norm, Linear head)
        => (Spec, this.embeddings, this.blocks, this.norm, this.head) = (spec, embeddings, blocks, norm, head);

    public LlmSpec Spec { get; }

    /// <summary>With the weights of a checkpoint.</summary>
    /// <param name="accelerator">Where small tables go; null for a manifest.</param>
    /// <param name="spec">The model.</param>
    /// <param name="w">The scope of the decoder: <c>embed_tokens</c>, <c>layers</c>, <c>norm</c>.</param>
    /// <param name="head">The scope of the head's <c>weight</c>.</param>
    public static Decoder Load(Accelerator? accelerator, LlmSpec spec, Scope w, Scope head)
    {
        Tensor embeddings = w["embed_tokens"].Weight("weight", spec.Vocabulary, spec.Hidden);
        Tensor frequencies = InverseFrequencies(accelerator, spec.Attention);
        var blocks = new DecoderBlock[spec.Layers];
        for (int layer = 0; layer < blocks.Length; layer++) blocks[layer] = DecoderBlock.Load(w["layers"][layer], spec, layer, frequencies);
        Norm norm = spec.Norm.Load(w["norm"], spec.Hidden);
        return new Decoder(spec, embeddings, blocks, norm, spec.TiedHead ? new Linear(embeddings, null) : Linear.Load(head, spec.Hidden, spec.Vocabulary, bias: false));
    }

    /// <summary>The embeddings of token ids.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens].</param>
    /// <returns>F32 [tokens, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids) => g.Name(g.Embedding(ids, embeddings), "llm.embeddings");

    /// <summary>Text rows from the embedding table, visual rows from the connector.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens], <see cref="TokenMap.Ids"/>.</param>
    /// <param name="visualIndices">I32 [tokens], <see cref="TokenMap.VisualIndices"/>.</param>
    /// <param name="visual">F32 [visual rows, hidden].</param>
    /// <returns>F32 [tokens, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids, Tensor visualIndices, Tensor visual)
        => g.Name(g.MergeTokens(ids, visualIndices, embeddings, visual), "llm.inputs_embeds");

    /// <summary>Records the blocks and the final norm for the tokens that follow those of the cache, and appends them to it.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[tokens, hidden].</param>
    /// <param name="positions">I32 [tokens].</param>
    /// <param name="cache">The conversation so far; its length is left as it is.</param>
    /// <param name="hooks">The connector's part in the blocks, or none.</param>
    /// <returns>[tokens, hidden] after the final norm.</returns>
    public Tensor Forward(Graph g, Tensor x, Tensor positions, KvCache cache, Hooks? hooks = null)
    {
        foreach (DecoderBlock block in blocks) x = block.Apply(g, x, positions, cache, hooks);
        return g.Name(norm.Apply(g, x), "llm.norm");
    }

    /// <summary>x [rows, hidden] after the final norm -> [rows, vocabulary].</summary>
    public Tensor Logits(Graph g, Tensor x) => g.Name(head.Apply(g, x), "logits");

    private static Tensor InverseFrequencies(Accelerator? accelerator, AttentionSpec attention)
    {
        float[] frequencies = attention.Rotary.InverseFrequencies(attention.HeadDim);
        var shape = new Shape(frequencies.Length);
        return accelerator is null ? Tensor.Declare(DType.F32, shape) : accelerator.Upload<float>(DType.F32, shape, frequencies, "rotary.frequencies");
    }
}
