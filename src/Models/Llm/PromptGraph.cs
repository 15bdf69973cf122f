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

    /// <summary>I32 [tokens]: first, first + 1, ….</summary>
    public static Tensor Positions(TensorScope inputs, int first, int tokens)
    {
        var positions = new int[tokens];
        for (int i = 0; i < tokens; i++) positions[i] = first + i;
        return inputs.Upload<int>(DType.I32, new Shape(tokens), positions);
    }
}
