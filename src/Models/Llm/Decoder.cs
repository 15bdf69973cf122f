using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>A language model with its weights: embeddings, blocks, final norm, head.</summary>
public sealed class Decoder
{
    private readonly Tensor embeddings;
    private readonly Tensor? positionTable;
    private readonly Norm? embeddingNorm, norm;
    private readonly Linear? projectIn, projectOut;
    private readonly DecoderBlock[] blocks;
    private readonly Linear head;

    private Decoder(Accelerator? accelerator, LlmSpec spec, Scope w, Scope head)
    {
        Spec = spec;
        LlmNames names = spec.Names;
        int hidden = spec.Hidden, width = spec.EmbeddingDim ?? hidden;
        embeddings = w[names.Embeddings].Weight("weight", spec.Vocabulary, width);
        if (names.EmbeddingNorm is { } embedded) embeddingNorm = spec.Norm.Load(w[embedded], hidden);
        if (spec.Positions is { } positions)
            positionTable = w[positions.Name].Weight("weight", positions.Rows + positions.Offset, hidden).Rows(positions.Offset, positions.Rows);
        if (spec.EmbeddingDim is not null) projectIn = Linear.Load(w["project_in"], width, hidden, bias: false);
        AttentionScores? scores = spec.Attention.Scores?.Load(accelerator);
        blocks = new DecoderBlock[spec.Layers];
        for (int layer = 0; layer < blocks.Length; layer++) blocks[layer] = DecoderBlock.Load(w[names.Layers][layer], spec, layer, scores);
        if (names.Norm is { } last) norm = spec.Norm.Load(w[last], hidden);
        if (spec.EmbeddingDim is not null) projectOut = Linear.Load(w["project_out"], hidden, width, bias: false);
        this.head = spec.TiedHead ? new Linear(embeddings, null) : Linear.Load(head, width, spec.Vocabulary, spec.HeadBias);
    }

    public LlmSpec Spec { get; }

    /// <summary>With the weights of a checkpoint.</summary>
    /// <param name="accelerator">Where small tables go; null for a manifest.</param>
    /// <param name="spec">The model.</param>
    /// <param name="w">The scope of the decoder, from which the spec's names count.</param>
    /// <param name="head">The scope of the head's <c>weight</c>.</param>
    public static Decoder Load(Accelerator? accelerator, LlmSpec spec, Scope w, Scope head) => new(accelerator, spec, w, head);

    /// <summary>The embeddings of token ids.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens].</param>
    /// <returns>F32 [tokens, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids) => Enter(g, g.Embedding(ids, embeddings, scale: Spec.EmbeddingScale), "llm.embeddings");

    /// <summary>Text rows from the embedding table, visual rows from the connector.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens], <see cref="TokenMap.Ids"/>.</param>
    /// <param name="visualIndices">I32 [tokens], <see cref="TokenMap.VisualIndices"/>.</param>
    /// <param name="visual">F32 [visual rows, width of the table].</param>
    /// <returns>F32 [tokens, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids, Tensor visualIndices, Tensor visual)
        => Enter(g, g.MergeTokens(ids, visualIndices, embeddings, visual, Spec.EmbeddingScale), "llm.inputs_embeds");

    /// <summary>Records the blocks and the final norm for the tokens that follow those of the cache, and appends them to it.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[tokens, hidden].</param>
    /// <param name="positions">I32 [tokens].</param>
    /// <param name="cache">The conversation so far, told by <see cref="KvCache.Begin"/> what comes; its length is left as it is.</param>
    /// <param name="hooks">The connector's part in the blocks, or none.</param>
    /// <returns>[tokens, hidden] after the final norm.</returns>
    public Tensor Forward(Graph g, Tensor x, Tensor positions, KvCache cache, Hooks? hooks = null)
    {
        if (cache.Frequencies is { } frequencies) g.Name(frequencies, "llm.rope_inv_freq");
        if (positionTable is not null) x = g.Name(g.Add(x, g.Embedding(positions, positionTable)), "llm.embeddings");
        foreach (DecoderBlock block in blocks) x = block.Apply(g, x, positions, cache, hooks);
        return norm is null ? x : g.Name(norm.Apply(g, x), "llm.norm");
    }

    /// <summary>x [rows, hidden] after the final norm -> [rows, vocabulary].</summary>
    public Tensor Logits(Graph g, Tensor x)
    {
        Tensor y = head.Apply(g, projectOut?.Apply(g, x) ?? x);
        return g.Name(Spec.LogitCap is { } cap ? g.SoftCap(y, cap) : y, "logits");
    }

    private Tensor Enter(Graph g, Tensor x, string stage)
    {
        x = g.Name(x, stage);
        if (projectIn is not null) x = g.Name(projectIn.Apply(g, x), "llm.embeddings");
        return embeddingNorm is null ? x : g.Name(embeddingNorm.Apply(g, x), "llm.embeddings");
    }
}
