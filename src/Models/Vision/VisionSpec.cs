using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The shape of a vision encoder.</summary>
public abstract record VisionSpec
{
    public required int Layers { get; init; }

    /// <summary>Width of a token.</summary>
    public required int Hidden { get; init; }

    public required PictureSpec Picture { get; init; }

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

    protected static int ReadLayers(ConfigObject config) => config.CountUpTo("num_hidden_layers", ConfigBounds.Layers);
}
