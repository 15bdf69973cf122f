using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Persimmon, the language model of Fuyu: LayerNorm, norms of each head's queries and keys, rotary positions on a part of it, squared ReLU.</summary>
/// <remarks>source: Elsen et al. 2023, Persimmon-8B; transformers, PersimmonForCausalLM.</remarks>
internal sealed class PersimmonFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["persimmon"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads");
        var norm = new LayerNormSpec(config.Float("layer_norm_eps"));
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden),
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_position_embeddings", ConfigBounds.Context),
            Norm = norm,
            Attention = attention with
            {
                Rotary = Rotary.Read(config, attention.HeadDim),
                HeadNorm = config.Bool("qk_layernorm", true) ? new SharedHeadNormSpec(norm) : null,
                QkvBias = true,
                OutputBias = true,
            },
            Mlp = new PlainMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")) { Up = "dense_h_to_4h", Down = "dense_4h_to_h" },
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames { Norm = "final_layernorm", Output = "self_attn.dense", QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm" }
                .With(LinearPlace.PerHead("self_attn.query_key_value", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }
}
