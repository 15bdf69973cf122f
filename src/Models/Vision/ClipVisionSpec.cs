using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The vision transformer of CLIP.</summary>
/// <remarks>source: Radford et al. 2021, arXiv:2103.00020; transformers, CLIPVisionModel.</remarks>
public sealed record ClipVisionSpec : VisionSpec
{
    public required int Heads { get; init; }

    public required MlpSpec Mlp { get; init; }

    public required LayerNormSpec Norm { get; init; }

    /// <summary>Factor of the attention scores.</summary>
    public float Scale => 1f / MathF.Sqrt(Hidden / Heads);

    public int Channels { get; init; } = 3;

    /// <summary>Width of the projected class token where the checkpoint holds the projection.</summary>
    public int ProjectionDim { get; init; }

    /// <summary>Whether the class token is projected at the end.</summary>
    public bool Projects { get; init; }

    /// <summary>The tower that a vision_config describes.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static ClipVisionSpec Read(ConfigObject config)
    {
        if (config.ModelType is not ("clip_vision_model" or null)) throw config.Invalid("model_type", "'clip_vision_model'");
        var spec = new ClipVisionSpec
        {
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden),
            ImageSize = config.CountUpTo("image_size", ConfigBounds.ImageSize),
            PatchSize = config.CountUpTo("patch_size", ConfigBounds.PatchSize),
            Heads = config.CountUpTo("num_attention_heads", ConfigBounds.Heads),
            Channels = config.CountUpTo("num_channels", ConfigBounds.Channels, 3),
            Mlp = new PlainMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")),
            Norm = new LayerNormSpec(config.Float("layer_norm_eps")),
            ProjectionDim = config.CountUpTo("projection_dim", ConfigBounds.Hidden, 512),
        };
        if (spec.Hidden % spec.Heads != 0) throw config.Invalid("hidden_size", $"a multiple of num_attention_heads ({spec.Heads})");
        if (spec.ImageSize < spec.PatchSize) throw config.Invalid("image_size", $"at least patch_size ({spec.PatchSize})");
        return spec;
    }

    public override VisionTower Load(Scope w, Scope root) => new ClipVisionTower(this, w, root);
}
