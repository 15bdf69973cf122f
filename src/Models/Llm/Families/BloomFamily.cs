using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>BLOOM: ALiBi, a norm of the embeddings, queries, keys and values in one weight head by head.</summary>
/// <remarks>source: BigScience 2022, arXiv:2211.05100; transformers, BloomForCausalLM.</remarks>
internal sealed class BloomFamily : LlmFamily
{
    private const int TrainedContext = 2048;

    public override IReadOnlyList<string> ModelTypes => ["bloom"];

    public override LlmSpec Read(ConfigObject config)
    {
        if (config.Bool("apply_residual_connection_post_layernorm", false)) throw Unsupported(config, "residuals behind the norms (apply_residual_connection_post_layernorm)");
        string width = config.FirstOf("hidden_size", "n_embed");
        AttentionSpec attention = HeadCounts.Read(config, width, config.FirstOf("n_head", "num_attention_heads"));
        int hidden = config.Count(width);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo(config.FirstOf("n_layer", "num_hidden_layers"), ConfigBounds.Layers),
            Context = config.CountUpTo("seq_length", ConfigBounds.Context, TrainedContext),
            Norm = new LayerNormSpec(config.Float("layer_norm_epsilon")),
            Attention = attention with { QkvBias = true, OutputBias = true, Scores = new AlibiSpec(Slopes(attention.Heads)) },
            Mlp = new PlainMlpSpec(4 * hidden, Activation.GeluTanh) { Up = "dense_h_to_4h", Down = "dense_4h_to_h" },
            Residual = new SerialResidual(NamesSum: true),
            TiedHead = config.Bool("tie_word_embeddings", true),
            Names = new LlmNames
            {
                Roots = ["transformer", ""], Embeddings = "word_embeddings", EmbeddingNorm = "word_embeddings_layernorm", Layers = "h", Norm = "ln_f", Output = "self_attention.dense",
            }.With(LinearPlace.PerHead("self_attention.query_key_value", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }

    /// <summary>2^(-8 · (i + 1) / n) with n the power of two up to the heads, then every second slope of twice as many.</summary>
    private static float[] Slopes(int heads)
    {
        int power = 1 << System.Numerics.BitOperations.Log2((uint)heads);
        return [.. Enumerable.Range(0, heads).Select(i => (float)(i < power ? Math.Pow(2, -8.0 * (i + 1) / power) : Math.Pow(2, -8.0 * (2 * (i - power) + 1) / (2 * power))))];
    }
}
