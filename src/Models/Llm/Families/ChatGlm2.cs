using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// ChatGLM2, ChatGLM3 and GLM-4, which share their model_type with ChatGLM-6B and nothing else: LLaMA's block with few heads of keys, biases on queries, keys and
/// values, and rotary positions on neighbouring dimensions of the first half of each head.
/// </summary>
/// <remarks>source: ChatGLM2-6B, ChatGLM3-6B, glm-4-9b, modeling_chatglm.py.</remarks>
internal static class ChatGlm2
{
    private const double Base = 10000;

    /// <summary>Whether a config is of these; ChatGLM-6B's has none of their keys.</summary>
    public static bool Recognises(ConfigObject config) => config.IsSet("padded_vocab_size");

    /// <exception cref="MmkException">MMK410, MMK411: a key is missing or wrong; MMK611: a variant that was never published.</exception>
    public static LlmSpec Read(ConfigObject config)
    {
        if (!config.Bool("rmsnorm", true)) throw ModelErrors.Unsupported(config.FilePath, "LayerNorm (rmsnorm false)");
        if (config.Bool("apply_residual_connection_post_layernorm", false)) throw ModelErrors.Unsupported(config.FilePath, "residuals behind the norms (apply_residual_connection_post_layernorm)");
        int hidden = config.CountUpTo("hidden_size", ConfigBounds.Hidden), heads = config.CountUpTo("num_attention_heads", ConfigBounds.Heads);
        int headDim = config.CountUpTo("kv_channels", ConfigBounds.HeadDim, Math.Max(1, hidden / heads)), wide = config.CountUpTo("ffn_hidden_size", ConfigBounds.Intermediate);
        int kvHeads = config.Bool("multi_query_attention", false) ? config.CountUpTo("multi_query_group_num", ConfigBounds.Heads, 1) : heads;
        if (heads % kvHeads != 0) throw config.Invalid("multi_query_group_num", $"a divisor of num_attention_heads ({heads})");
        if (headDim % 4 != 0) throw config.Invalid("kv_channels", "a multiple of 4");
        double ratio = config.Double("rope_ratio", 1);
        if (!(ratio > 0 && double.IsFinite(ratio))) throw config.Invalid("rope_ratio", "a positive number");
        bool bias = config.Bool("add_bias_linear", false);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("padded_vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("num_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("seq_length", ConfigBounds.Context),
            Norm = new RmsNormSpec(config.Float("layernorm_epsilon", 1e-5f)),
            Attention = new AttentionSpec
            {
                Heads = heads,
                KvHeads = kvHeads,
                HeadDim = headDim,
                Rotary = new RotarySpec(Base * ratio, headDim / 2) { Pairs = RotaryPairs.Neighbours },
                QkvBias = bias || config.Bool("add_qkv_bias", false),
                OutputBias = bias,
            },
            Mlp = new GatedMlpSpec(wide, Activation.Silu, bias)
            {
                Gate = new("dense_h_to_4h", new WeightRows(1, 2 * wide, 0, wide)),
                Up = new("dense_h_to_4h", new WeightRows(1, 2 * wide, wide, wide)),
                Down = "dense_4h_to_h",
            },
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames
            {
                Roots = ["transformer", ""],
                Heads = ["transformer.output_layer", "output_layer"],
                Embeddings = "embedding.word_embeddings",
                Layers = "encoder.layers",
                Norm = config.Bool("post_layer_norm", true) ? "encoder.final_layernorm" : null,
                Output = "self_attention.dense",
            }.With(LinearPlace.Blocked("self_attention.query_key_value", heads, kvHeads, headDim)),
        };
    }
}
