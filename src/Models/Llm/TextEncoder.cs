using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The encoder of an encoder–decoder model with its weights. It reads embeddings, so that visual tokens can stand among those of text.</summary>
public sealed class TextEncoder
{
    private readonly TransformerBlock[] blocks;
    private readonly AttentionScores scores;
    private readonly Norm norm;

    internal TextEncoder(Accelerator? accelerator, EncoderSpec spec, Scope w)
    {
        blocks = [.. Enumerable.Range(0, spec.Layers).Select(layer => new TransformerBlock(spec.Transformer, w[spec.Blocks][layer], $"llm.encoder.block{layer}"))];
        scores = spec.Scores.Load(accelerator, w);
        norm = spec.Transformer.Norm.Load(w[spec.Norm], spec.Transformer.Hidden);
    }

    /// <summary>Records the encoder.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[sequences, tokens, hidden].</param>
    /// <param name="ends">I32 [sequences]: the end of each sequence's tokens, behind which is padding; all count where left out.</param>
    /// <returns>[sequences, tokens, hidden] after the last norm.</returns>
    public Tensor Encode(Graph g, Tensor x, Tensor? ends = null)
    {
        if (scores.Table is { } table) g.Name(table, "llm.encoder.position_bias");
        foreach (TransformerBlock block in blocks) x = block.Apply(g, x, ends, scores);
        return g.Name(norm.Apply(g, x), "llm.encoder.norm");
    }
}
