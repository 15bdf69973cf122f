using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>What an encoder saw.</summary>
/// <param name="hidden">The hidden states that were asked for, by index; each [images · tokens, hidden].</param>
/// <param name="Images">Number of pictures.</param>
/// <param name="Rows">Patches from top to bottom.</param>
/// <param name="Columns">Patches from left to right.</param>
/// <param name="ClassTokens">Tokens before the patches of each picture: 1 or 0.</param>
public sealed class VisionFeatures(IReadOnlyDictionary<int, Tensor> hidden, int images, int rows, int columns, int classTokens)
{
    public int Images => images;

    public int Rows => rows;

    public int Columns => columns;

    public int ClassTokens => classTokens;

    /// <summary>Tokens of one picture, class tokens included.</summary>
    public int Tokens => classTokens + rows * columns;

    /// <summary>A hidden state with all tokens, [images · tokens, hidden].</summary>
    public Tensor All(int tap) => hidden[tap];

    /// <summary>A hidden state with or without class tokens, [images · tokens, hidden].</summary>
    public Tensor Read(Graph g, int tap, bool withClassToken) => withClassToken ? All(tap) : Patches(g, tap);

    /// <summary>A hidden state without class tokens, [images · patches, hidden].</summary>
    public Tensor Patches(Graph g, int tap)
    {
        Tensor all = hidden[tap];
        if (classTokens == 0) return all;
        return images == 1 ? all.Rows(classTokens, rows * columns) : g.GatherRows(all, Indices(g, classTokens, rows * columns));
    }

    /// <summary>The first token of each picture in a hidden state, [images, hidden].</summary>
    public Tensor ClassToken(Graph g, int tap) => images == 1 ? hidden[tap].Rows(0, 1) : g.GatherRows(hidden[tap], Indices(g, 0, 1));

    /// <summary>The same stretch of every picture's tokens, as row numbers.</summary>
    private Tensor Indices(Graph g, int first, int count)
    {
        var indices = new int[images * count];
        for (int i = 0; i < indices.Length; i++) indices[i] = i / count * Tokens + first + i % count;
        return g.Constant<int>(DType.I32, new Shape(indices.Length), indices);
    }
}
