using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>The vision transformer of CLIP: a class token before the patches, a norm before the first block.</summary>
/// <remarks>source: Radford et al. 2021, arXiv:2103.00020; transformers, CLIPVisionModel.</remarks>
public sealed record ClipVisionSpec : VisionSpec
{
    public required TransformerSpec Transformer { get; init; }

    /// <summary>Width of the projected class token; 0 where the tower ends without pooling.</summary>
    public int ProjectionDim { get; init; }

    /// <summary>The tower that a vision_config describes, without pooling.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static ClipVisionSpec Read(ConfigObject config)
    {
        if (config.ModelType is not ("clip_vision_model" or null)) throw config.Invalid("model_type", "'clip_vision_model'");
        TransformerSpec transformer = TransformerSpec.Read(config);
        return new ClipVisionSpec { Hidden = transformer.Hidden, Transformer = transformer, Layers = ReadLayers(config), Picture = PictureSpec.Read(config) };
    }

    public override VisionTower Load(Scope w, Scope root) => new ClipVisionTower(this, w, root);
}
