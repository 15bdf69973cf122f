using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The shape of a vision encoder.</summary>
public abstract record VisionSpec
{
    public required int Layers { get; init; }

    /// <summary>Width of a token.</summary>
    public required int Hidden { get; init; }

    /// <summary>Pixels of the side of the square pictures that the encoder was trained on.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Pixels of the side of a patch.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Patches of a picture of <see cref="ImageSize"/>.</summary>
    public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>The encoder with its weights.</summary>
    /// <param name="w">The scope of the encoder.</param>
    /// <param name="root">The checkpoint's root, where a projection lies.</param>
    public abstract VisionTower Load(Scope w, Scope root);

    /// <summary>The hidden state that a config means by a layer: counted from 0 (the input of the first block) or, where negative, from the end.</summary>
    /// <exception cref="MmkException">MMK411: there is no such layer.</exception>
    public int Tap(ConfigObject config, string key, int layer)
    {
        int tap = layer < 0 ? Layers + 1 + layer : layer;
        return tap >= 0 && tap <= Layers ? tap : throw config.Invalid(key, $"a layer from {-Layers - 1} to {Layers}");
    }
}

/// <summary>A vision encoder with its weights.</summary>
public abstract class VisionTower
{
    /// <summary>Records the encoder as far as the last hidden state that is asked for.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">Normalised pictures of one size, [images, channels, height, width].</param>
    /// <param name="taps">Hidden states to keep: 0 is the input of the first block, l the output of block l - 1.</param>
    public abstract VisionFeatures Encode(Graph g, Tensor pixels, params ReadOnlySpan<int> taps);

    /// <summary>Records what follows the last block (pooling, projection) where the model has it; the features must hold the last hidden state.</summary>
    public virtual void Project(Graph g, VisionFeatures features)
    {
    }
}

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
