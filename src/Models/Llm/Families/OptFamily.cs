using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>OPT: learned positions from the third row of their table on, ReLU; OPT-350m has norms behind its branches and a narrower table of tokens.</summary>
/// <remarks>source: Zhang et al. 2022, arXiv:2205.01068; transformers, OPTForCausalLM.</remarks>
internal sealed class OptFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["opt"];

    public override LlmSpec Read(ConfigObject config)
    {
        if (!config.Bool("layer_norm_elementwise_affine", true)) throw Unsupported(config, "norms without weights (layer_norm_elementwise_affine)");
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads");
        int hidden = config.Count("hidden_size"), positions = config.CountUpTo("max_position_embeddings", ConfigBounds.Context);
        int width = config.CountUpTo("word_embed_proj_dim", ConfigBounds.Hidden, hidden);
        bool bias = config.Bool("enable_bias", true), before = config.Bool("do_layer_norm_before", true);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            EmbeddingDim = width == hidden ? null : width,
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = positions,
            Positions = new LearnedPositions("embed_positions", positions, Offset: 2),
            Norm = new LayerNormSpec(1e-5f),
            Attention = attention with { QkvBias = bias, OutputBias = bias },
            Mlp = new PlainMlpSpec(config.CountUpTo("ffn_dim", ConfigBounds.Intermediate), Activations.Named(config, "activation_function"), bias),
            Residual = before ? new SerialResidual("self_attn_layer_norm", "final_layer_norm") : new PostNormResidual("self_attn_layer_norm", "final_layer_norm"),
            TiedHead = config.Bool("tie_word_embeddings", true),
            Names = new LlmNames
            {
                Roots = ["model.decoder", "decoder"],
                Norm = before && !config.Bool("_remove_final_layer_norm", false) ? "final_layer_norm" : null,
                Output = "self_attn.out_proj",
                Mlp = "",
            },
        };
    }
}
