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
    private readonly float[] headFactors;

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
        AttentionScores? scores = spec.Attention.Scores?.Load(accelerator, w);
        blocks = new DecoderBlock[spec.Layers];
        for (int layer = 0; layer < blocks.Length; layer++) blocks[layer] = DecoderBlock.Load(w[names.Layers][layer], spec, layer, scores);
        if (spec.Encoder is { } encoder) Encoder = new TextEncoder(accelerator, encoder, w);
        if (names.Norm is { } last) norm = spec.Norm.Load(w[last], hidden);
        if (spec.EmbeddingDim is not null) projectOut = Linear.Load(w["project_out"], hidden, width, bias: false);
        this.head = spec.TiedHead ? new Linear(embeddings, null) : Linear.Load(head, width, spec.Vocabulary, spec.HeadBias);
        headFactors = spec.HeadScale == 1f ? [] : [.. Enumerable.Repeat(spec.HeadScale, width)];
    }

    public LlmSpec Spec { get; }

    /// <summary>What reads the prompt; null where the decoder does.</summary>
    public TextEncoder? Encoder { get; }

    /// <summary>With the weights of a checkpoint.</summary>
    /// <param name="accelerator">Where small tables go; null for a manifest.</param>
    /// <param name="spec">The model.</param>
    /// <param name="w">The scope of the decoder, from which the spec's names count.</param>
    /// <param name="head">The scope of the head's <c>weight</c>.</param>
    public static Decoder Load(Accelerator? accelerator, LlmSpec spec, Scope w, Scope head) => new(accelerator, spec, w, head);

    /// <summary>The embeddings of token ids.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens], or [sequences, 1] for the next token of each.</param>
    /// <returns>F32 [tokens, hidden], or [sequences, 1, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids) => Enter(g, g.Embedding(ids, embeddings, scale: Spec.EmbeddingScale), "llm.embeddings");

    /// <summary>Text rows from the embedding table, visual rows from the connector.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [tokens], <see cref="TokenMap.Ids"/>.</param>
    /// <param name="visualIndices">I32 [tokens], <see cref="TokenMap.VisualIndices"/>.</param>
    /// <param name="visual">F32 [visual rows, width of the table].</param>
    /// <returns>F32 [tokens, hidden].</returns>
    public Tensor Embed(Graph g, Tensor ids, Tensor visualIndices, Tensor visual)
        => Enter(g, g.MergeTokens(ids, visualIndices, embeddings, visual, Spec.EmbeddingScale), "llm.inputs_embeds");

    /// <summary>Records what a prompt needs: the decoder over its rows, or the encoder over them and the decoder's first token.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="inputs">Who owns the inputs.</param>
    /// <param name="map">The rows.</param>
    /// <param name="first">Tokens that the cache holds and that stay; 0 with an encoder, which reads whole prompts.</param>
    /// <param name="visual">What the connector made, or null where all rows are text.</param>
    /// <param name="cache">The conversation.</param>
    /// <param name="hooks">The connector's part in the blocks, or none.</param>
    /// <returns>[tokens that come to the cache, hidden] after the final norm.</returns>
    public Tensor Read(Graph g, TensorScope inputs, TokenMap map, int first, Visual? visual, KvCache cache, Hooks? hooks)
    {
        Tensor x = PromptGraph.Embed(g, inputs, this, map, visual);
        if (Encoder is null) return Forward(g, x, PromptGraph.Positions(inputs, cache, map, first), cache, hooks);
        Remember(g, Encoder.Encode(g, x.Reshape(1, map.Tokens, Spec.Hidden)).Reshape(map.Tokens, Spec.Hidden), cache);
        return Continue(g, inputs, TokenMap.Text([Spec.Encoder!.StartToken]), 0, cache, hooks);
    }

    /// <summary>Records the decoder's own tokens after a prompt that its encoder has read.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="inputs">Who owns the inputs.</param>
    /// <param name="map">The tokens, the first of them the start token.</param>
    /// <param name="first">Tokens of the decoder before them.</param>
    /// <param name="cache">The conversation.</param>
    /// <param name="hooks">The connector's part in the blocks, or none.</param>
    /// <returns>[tokens, hidden] after the final norm.</returns>
    public Tensor Continue(Graph g, TensorScope inputs, TokenMap map, int first, KvCache cache, Hooks? hooks = null)
    {
        Tensor x = g.Embedding(inputs.Upload<int>(DType.I32, new Shape(map.Tokens), map.Ids()), embeddings, scale: Spec.EmbeddingScale);
        return Forward(g, g.Name(x, $"{Spec.Stage}.embeddings"), PromptGraph.Positions(inputs, cache, map, first), cache, hooks);
    }

    /// <summary>Puts keys and values of the encoder's states [tokens, hidden] into the cache's memory, in place of what is there.</summary>
    public void Remember(Graph g, Tensor states, KvCache cache)
    {
        foreach (DecoderBlock block in blocks) block.Remember(g, states, cache);
        cache.Memory!.SetRows(states.Shape[0]);
    }

    /// <summary>Records the blocks and the final norm for the tokens that follow those of the cache, and appends them to it.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[tokens, hidden], or [sequences, 1, hidden] for the next token of each.</param>
    /// <param name="positions">I32 [tokens].</param>
    /// <param name="cache">The conversation so far, told by <see cref="KvCache.Begin"/> what comes; its length is left as it is.</param>
    /// <param name="hooks">The connector's part in the blocks, or none.</param>
    /// <returns>x's shape, after the final norm.</returns>
    public Tensor Forward(Graph g, Tensor x, Tensor positions, KvCache cache, Hooks? hooks = null)
    {
        if (cache.Frequencies is { } frequencies) g.Name(frequencies, "llm.rope_inv_freq");
        if (positionTable is not null) x = g.Name(g.Add(x, g.Embedding(positions, positionTable).Reshape(x.Shape.Dims)), "llm.embeddings");
        foreach (DecoderBlock block in blocks) x = block.Apply(g, x, positions, cache, hooks);
        return norm is null ? x : g.Name(norm.Apply(g, x), $"{Spec.Stage}.norm");
    }

    /// <summary>x [rows, hidden] or [sequences, 1, hidden] after the final norm -> [rows, vocabulary].</summary>
    public Tensor Logits(Graph g, Tensor x)
    {
        x = projectOut?.Apply(g, x) ?? x;
        if (headFactors.Length > 0) x = g.Multiply(x, g.Constant<float>(DType.F32, new Shape(headFactors.Length), headFactors));
        Tensor y = head.Apply(g, x);
        y = y.Reshape((int)(y.Shape.Elements / Spec.Vocabulary), Spec.Vocabulary);
        return g.Name(Spec.LogitCap is { } cap ? g.SoftCap(y, cap) : y, "logits");
    }

    private Tensor Enter(Graph g, Tensor x, string stage)
    {
        x = g.Name(x, stage);
        if (projectIn is not null) x = g.Name(projectIn.Apply(g, x), "llm.embeddings");
        return embeddingNorm is null ? x : g.Name(embeddingNorm.Apply(g, x), "llm.embeddings");
    }
}
