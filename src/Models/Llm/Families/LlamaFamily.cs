using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>LLaMA 1 to 3 and what shares its block: RMSNorm, rotary positions, grouped heads, SwiGLU.</summary>
/// <remarks>source: Touvron et al. 2023, arXiv:2302.13971; transformers, LlamaForCausalLM.</remarks>
internal sealed class LlamaFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["llama"];

    public override LlmSpec Read(ConfigObject config)
    {
        int hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden), heads = config.CountUpTo("num_attention_heads", ConfigBounds.Heads);
        int kvHeads = config.CountUpTo("num_key_value_heads", ConfigBounds.Heads, heads), headDim = config.CountUpTo("head_dim", ConfigBounds.HeadDim, Math.Max(1, hidden / heads));
        if (heads % kvHeads != 0) throw config.Invalid("num_key_value_heads", $"a divisor of num_attention_heads ({heads})");
        RotarySpec rotary = Rotary.Read(config, headDim);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = Rotary.Context(rotary, config.CountUpTo("max_position_embeddings", ConfigBounds.Context)),
            Norm = new RmsNormSpec(config.Float("rms_norm_eps")),
            Attention = new AttentionSpec
            {
                Heads = heads,
                KvHeads = kvHeads,
                HeadDim = headDim,
                Rotary = rotary,
                QkvBias = config.Bool("attention_bias", false),
                OutputBias = config.Bool("attention_bias", false),
            },
            Mlp = new GatedMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, config.FirstOf("hidden_act", "hidden_activation")), config.Bool("mlp_bias", false)),
            TiedHead = config.Bool("tie_word_embeddings", false),
        };
    }
}
