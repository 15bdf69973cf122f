using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>StableLM: LayerNorm, rotary positions on a part of each head, SwiGLU; the larger ones have parallel branches and norms of queries and keys.</summary>
/// <remarks>source: Bellagente et al. 2024, arXiv:2402.17834; transformers, StableLmForCausalLM.</remarks>
internal sealed class StableLmFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["stablelm", "stablelm_epoch"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads", "num_key_value_heads");
        float epsilon = config.Float(config.FirstOf("layer_norm_eps", "norm_eps"), 1e-5f);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden),
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_position_embeddings", ConfigBounds.Context),
            Norm = new LayerNormSpec(epsilon),
            Attention = attention with
            {
                Rotary = Rotary.Read(config, attention.HeadDim, config.FindDouble("rope_pct")),
                HeadNorm = config.Bool("qk_layernorm", false) ? new OwnHeadNormSpec(new LayerNormSpec(epsilon, Bias: false)) : null,
                QkvBias = config.Bool("use_qkv_bias", false),
            },
            Mlp = new GatedMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")),
            Residual = config.Bool("use_parallel_residual", false) ? new ParallelResidual() : new SerialResidual(),
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames { QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm" },
        };
    }
}
