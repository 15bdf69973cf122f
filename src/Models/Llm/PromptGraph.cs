using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>The inputs of a prompt's graph.</summary>
public static class PromptGraph
{
    /// <summary>The decoder's input rows, [tokens, hidden].</summary>
    public static Tensor Embed(Graph g, TensorScope inputs, Decoder decoder, TokenMap map, Visual? visual)
    {
        Tensor ids = inputs.Upload<int>(DType.I32, new Shape(map.Tokens), map.Ids());
        if (visual?.Tokens is not Tensor tokens || !map.HasVisual) return decoder.Embed(g, ids);
        return decoder.Embed(g, ids, inputs.Upload<int>(DType.I32, new Shape(map.Tokens), map.VisualIndices()), tokens);
    }

    /// <summary>I32 [tokens], or [2, tokens] where positions have two axes: those of rows that follow the first of a cache.</summary>
    public static Tensor Positions(TensorScope inputs, KvCache cache, TokenMap map, int first)
    {
        int[] positions = cache.Positions(map.Ids(), first);
        return inputs.Upload<int>(DType.I32, positions.Length == map.Tokens ? new Shape(map.Tokens) : new Shape(positions.Length / map.Tokens, map.Tokens), positions);
    }
}
