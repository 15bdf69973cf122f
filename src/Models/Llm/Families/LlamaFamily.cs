using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>LLaMA 1 to 3 and what shares its block: RMSNorm, rotary positions, grouped heads, SwiGLU.</summary>
/// <remarks>source: Touvron et al. 2023, arXiv:2302.13971; transformers, LlamaForCausalLM.</remarks>
internal sealed class LlamaFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["llama"];

    public override LlmSpec Read(ConfigObject config)
    {
        RopeConfig rope = RopeConfig.Of(config);
        int hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden), heads = config.CountUpTo("num_attention_heads", ConfigBounds.Heads);
        int kvHeads = config.CountUpTo("num_key_value_heads", ConfigBounds.Heads, heads), headDim = config.CountUpTo("head_dim", ConfigBounds.HeadDim, Math.Max(1, hidden / heads));
        if (heads % kvHeads != 0) throw config.Invalid("num_key_value_heads", $"a divisor of num_attention_heads ({heads})");
        if (headDim % 2 != 0) throw config.Invalid(config.FirstOf("head_dim", "hidden_size"), "an even number of dimensions per head");
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_position_embeddings", ConfigBounds.Context),
            Norm = new RmsNormSpec(config.Float("rms_norm_eps")),
            Attention = new AttentionSpec
            {
                Heads = heads,
                KvHeads = kvHeads,
                HeadDim = headDim,
                Rotary = new RotarySpec(rope.Theta, Scaling(config, rope)),
                QkvBias = config.Bool("attention_bias", false),
                OutputBias = config.Bool("attention_bias", false),
            },
            Mlp = new GatedMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act"), config.Bool("mlp_bias", false)),
            TiedHead = config.Bool("tie_word_embeddings", false),
        };
    }

    private static RotaryScaling? Scaling(ConfigObject config, RopeConfig rope) => rope.Type switch
    {
        "default" => null,
        "linear" => new LinearRotaryScaling(rope.Scaling!.Float("factor")),
        "llama3" => new Llama3RotaryScaling(rope.Scaling!.Float("factor"), rope.Scaling.Float("low_freq_factor"), rope.Scaling.Float("high_freq_factor"),
            rope.Scaling.Count("original_max_position_embeddings")),
        _ => throw Unsupported(config, $"the rotary scaling `{rope.Type}`"),
    };
}
