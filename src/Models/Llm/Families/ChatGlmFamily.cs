using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>ChatGLM-6B: a context seen in both directions, two positions that turn half of each head, residuals behind the norms.</summary>
/// <remarks>source: ChatGLM-6B, modeling_chatglm.py.</remarks>
internal sealed class ChatGlmFamily : LlmFamily
{
    private const int ResidualLayers = 28;   // the released code builds every block with this default, whatever the config says

    public override IReadOnlyList<string> ModelTypes => ["chatglm"];

    public override LlmSpec Read(ConfigObject config)
    {
        if (ChatGlm2.Recognises(config)) return ChatGlm2.Read(config);
        if (!config.Bool("position_encoding_2d", true)) throw Unsupported(config, "positions with one axis (position_encoding_2d)");
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads");
        if (attention.HeadDim % 4 != 0) throw config.Invalid("num_attention_heads", "heads whose dimensions are a multiple of 4");
        int hidden = config.Count("hidden_size");
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("num_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_sequence_length", ConfigBounds.Context),
            Blocks = new BlockPositions(config.Int("gmask_token_id"), config.Int("mask_token_id"), config.Int("bos_token_id")),
            Norm = new LayerNormSpec(config.Float("layernorm_epsilon", 1e-5f)),
            Attention = attention with
            {
                Rotary = new RotarySpec(10000, attention.HeadDim / 2, new HalfRotaryScaling()) { Axes = 2 },
                QkvBias = true,
                OutputBias = true,
            },
            Mlp = new PlainMlpSpec(config.CountUpTo("inner_hidden_size", ConfigBounds.Intermediate, 4 * hidden), Activation.GeluTanh) { Up = "dense_h_to_4h", Down = "dense_4h_to_h" },
            Residual = new NormedResidual("input_layernorm", "post_attention_layernorm", MathF.Sqrt(2 * ResidualLayers)),
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames { Roots = ["transformer", ""], Embeddings = "word_embeddings", Norm = "final_layernorm", Output = "attention.dense" }
                .With(LinearPlace.PerHead("attention.query_key_value", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }
}
