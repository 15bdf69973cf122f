using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The vision transformer of SigLIP: no class token, biased patches, a norm after the last block, attention pooling.</summary>
/// <remarks>source: Zhai et al. 2023, arXiv:2303.15343; transformers, SiglipVisionModel.</remarks>
public sealed record SiglipVisionSpec : VisionSpec
{
    public required TransformerSpec Transformer { get; init; }

    /// <summary>Whether the checkpoint's norm and pooling head after the last block are used.</summary>
    public bool Pools { get; init; }

    /// <summary>The tower that a vision_config describes, without what follows the last block.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static SiglipVisionSpec Read(ConfigObject config)
    {
        TransformerSpec transformer = TransformerSpec.Read(config);
        return new SiglipVisionSpec { Hidden = transformer.Hidden, Transformer = transformer, Layers = ReadLayers(config), Picture = PictureSpec.Read(config) };
    }

    public override VisionTower Load(Scope w, Scope root) => new SiglipVisionTower(this, w);
}
