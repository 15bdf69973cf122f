using MmKernels.Data;

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
