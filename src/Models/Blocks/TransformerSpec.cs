using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>What the blocks of CLIP's and SigLIP's transformers share.</summary>
public sealed record TransformerSpec(int Hidden, int Heads, LayerNormSpec Norm, MlpSpec Mlp)
{
    /// <summary>Factor of the attention scores.</summary>
    public float Scale => 1f / MathF.Sqrt(Hidden / Heads);

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
