using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>CLIP's text transformer with its weights: learned positions, causal pre-norm blocks, a last norm, the end token's row projected.</summary>
public sealed class ClipTextEncoder
{
    private readonly Tensor tokens, positions;
    private readonly TransformerBlock[] blocks;
    private readonly Norm norm;
    private readonly Linear? projection;

    /// <summary>With the weights of a checkpoint.</summary>
    /// <param name="spec">The encoder.</param>
    /// <param name="w">Its scope.</param>
    /// <param name="root">The checkpoint's root, where the projection lies.</param>
    internal ClipTextEncoder(ClipTextSpec spec, Scope w, Scope root)
    {
        Spec = spec;
        int hidden = spec.Transformer.Hidden;
        tokens = w["embeddings.token_embedding"].Weight("weight", spec.Vocabulary, hidden);
        positions = w["embeddings.position_embedding"].Weight("weight", spec.Context, hidden);
        blocks = new TransformerBlock[spec.Layers];
        for (int layer = 0; layer < blocks.Length; layer++) blocks[layer] = new TransformerBlock(spec.Transformer, w["encoder.layers"][layer], $"text.block{layer}");
        norm = spec.Transformer.Norm.Load(w["final_layer_norm"], hidden);
        if (spec.ProjectionDim is { } width) projection = Linear.Load(root["text_projection"], hidden, width, bias: false);
    }

    public ClipTextSpec Spec { get; }

    /// <summary>Records the encoder for texts of one length.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="ids">I32 [texts, tokens].</param>
    /// <param name="keyStart">I32 [texts]: each text's first token that is not padding; all count where left out.</param>
    /// <returns>[texts, tokens, hidden] after the last norm.</returns>
    public Tensor Encode(Graph g, Tensor ids, Tensor? keyStart = null)
    {
        g.Require(ids.Shape.Rank == 2 && ids.Shape[1] <= Spec.Context, ids);
        Tensor x = g.Add(g.Embedding(ids, tokens), positions.Rows(0, ids.Shape[1]));   // [texts, tokens, hidden]
        x = g.Name(x, "text.embeddings");
        foreach (TransformerBlock block in blocks) x = block.ApplyCausally(g, x, keyStart);
        return g.Name(norm.Apply(g, x), "last_hidden_state");
    }

    /// <summary>Records the rows that stand for the texts: x [texts, tokens, hidden] -> [texts, projection], or [texts, hidden] without a projection.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">What <see cref="Encode"/> made.</param>
    /// <param name="ends">Of each text, <see cref="ClipTextSpec.EndOf"/>.</param>
    public Tensor Pool(Graph g, Tensor x, ReadOnlySpan<int> ends)
    {
        (int texts, int length, int hidden) = x.Shape;
        var rows = new int[texts];
        for (int i = 0; i < rows.Length; i++) rows[i] = i * length + ends[i];
        Tensor pooled = g.GatherRows(x.Reshape(texts * length, hidden), g.Constant<int>(DType.I32, new Shape(texts), rows));
        pooled = g.Name(pooled, "pooled");
        return projection is null ? pooled : g.Name(projection.ApplyEach(g, pooled), "text_embeds");
    }
}
