using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>GPT-NeoX, Pythia, RedPajama: LayerNorm, rotary positions on a part of each head, mostly parallel branches with a norm each.</summary>
/// <remarks>source: Black et al. 2022, arXiv:2204.06745; transformers, GPTNeoXForCausalLM.</remarks>
internal sealed class GptNeoXFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["gpt_neox"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads");
        bool bias = config.Bool("attention_bias", true);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden),
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_position_embeddings", ConfigBounds.Context),
            Norm = new LayerNormSpec(config.Float("layer_norm_eps")),
            Attention = attention with { Rotary = Rotary.Read(config, attention.HeadDim), QkvBias = bias, OutputBias = bias },
            Mlp = new PlainMlpSpec(config.CountUpTo("intermediate_size", ConfigBounds.Intermediate), Activations.Named(config, "hidden_act")) { Up = "dense_h_to_4h", Down = "dense_4h_to_h" },
            Residual = config.Bool("use_parallel_residual", true) ? new ParallelResidual("input_layernorm", "post_attention_layernorm") : new SerialResidual(),
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames { Roots = ["gpt_neox", ""], Heads = ["embed_out", "lm_head"], Embeddings = "embed_in", Norm = "final_layer_norm", Output = "attention.dense" }
                .With(LinearPlace.PerHead("attention.query_key_value", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }
}
