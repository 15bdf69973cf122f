using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Phi-1 to Phi-2: parallel branches behind one LayerNorm, rotary positions on a part of each head, biases everywhere.</summary>
/// <remarks>source: Li et al. 2023, arXiv:2309.05463; transformers, PhiForCausalLM.</remarks>
internal sealed class PhiFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["phi"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads", "num_key_value_heads");
        var norm = new LayerNormSpec(config.Float("layer_norm_eps"));
        bool tied = config.Bool("tie_word_embeddings", false);
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
                HeadNorm = config.Bool("qk_layernorm", false) ? new SharedHeadNormSpec(norm) : null,
                QkvBias = true,
                OutputBias = true,
            },
            Mlp = new PlainMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")),
            Residual = new ParallelResidual(),
            TiedHead = tied,
            HeadBias = !tied,
            Names = new LlmNames { Norm = "final_layernorm", Output = "self_attn.dense", QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm" },
        };
    }
}
