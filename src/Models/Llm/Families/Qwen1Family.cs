using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Qwen 1: LLaMA's block with biases on queries, keys and values; beyond the trained context the rotary base and the queries grow.</summary>
/// <remarks>source: Bai et al. 2023, arXiv:2309.16609; modeling_qwen.py.</remarks>
internal sealed class Qwen1Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["qwen"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "hidden_size", "num_attention_heads");
        int trained = config.CountUpTo("seq_length", ConfigBounds.Context), intermediate = config.CountUpTo("intermediate_size", ConfigBounds.Intermediate);
        if (config.FindInt("kv_channels") is { } channels && channels != attention.HeadDim) throw Unsupported(config, $"heads of {channels} dimensions (kv_channels) in a width of {attention.Heads} times {attention.HeadDim}");
        if (!config.Bool("no_bias", true)) throw Unsupported(config, "biases (no_bias false)");
        bool grows = config.Bool("use_dynamic_ntk", true);
        RotarySpec rotary = Rotary.Read(config, attention.HeadDim);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = config.Count("hidden_size"),
            Layers = config.CountUpTo("num_hidden_layers", ConfigBounds.Layers),
            Context = grows ? Math.Max(trained, config.CountUpTo("max_position_embeddings", ConfigBounds.Context, trained)) : trained,
            Norm = new RmsNormSpec(config.Float("layer_norm_epsilon")),
            Attention = attention with
            {
                Rotary = grows ? rotary with { Scaling = new StepwiseRotaryScaling(trained) } : rotary,
                LogPositions = config.Bool("use_logn_attn", true) && trained > 1 ? trained : null,
                QkvBias = true,
            },
            Mlp = new GatedMlpSpec(intermediate / 2, Activation.Silu) { Gate = "w2", Up = "w1", Down = "c_proj" },
            Residual = new SerialResidual("ln_1", "ln_2"),
            TiedHead = config.Bool("tie_word_embeddings", false),
            Names = new LlmNames { Roots = ["transformer", ""], Embeddings = "wte", Layers = "h", Norm = "ln_f", Output = "attn.c_proj" }
                .With(LinearPlace.Blocked("attn.c_attn", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }
}
