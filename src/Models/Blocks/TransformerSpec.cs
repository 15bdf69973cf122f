using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>A pre-norm transformer block whose tokens are all there at once: the encoders of CLIP, SigLIP and T5.</summary>
public sealed record TransformerSpec(int Hidden, int Heads, NormSpec Norm, MlpSpec Mlp)
{
    /// <summary>Dimensions of a head, Hidden / Heads where nothing else is said.</summary>
    public int HeadDim { get => field > 0 ? field : Hidden / Heads; init; }

    /// <summary>Factor of the attention scores, 1 / sqrt(HeadDim) where nothing else is said.</summary>
    public float Scale { get => field > 0 ? field : 1f / MathF.Sqrt(HeadDim); init; }

    /// <summary>Whether attention's maps have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Where checkpoints keep the weights.</summary>
    public TransformerNames Names { get; init; } = new();

    /// <summary>The blocks that a config of the hub describes.</summary>
    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong.</exception>
    public static TransformerSpec Read(ConfigObject config)
    {
        int hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden), heads = config.CountUpTo("num_attention_heads", ConfigBounds.Heads);
        if (hidden % heads != 0) throw config.Invalid("hidden_size", $"a multiple of num_attention_heads ({heads})");
        return new TransformerSpec(hidden, heads, new LayerNormSpec(config.Float("layer_norm_eps")),
            new PlainMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")));
    }
}
