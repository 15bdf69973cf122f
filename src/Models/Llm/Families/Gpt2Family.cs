using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>GPT-2: LayerNorm, learned positions, weights stored transposed.</summary>
/// <remarks>source: Radford et al. 2019; transformers, GPT2LMHeadModel.</remarks>
internal sealed class Gpt2Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["gpt2"];

    public override LlmSpec Read(ConfigObject config)
    {
        if (config.Bool("scale_attn_by_inverse_layer_idx", false)) throw Unsupported(config, "attention scaled by the layer (scale_attn_by_inverse_layer_idx)");
        AttentionSpec attention = HeadCounts.Read(config, "n_embd", "n_head");
        int hidden = config.Count("n_embd"), positions = config.CountUpTo("n_positions", ConfigBounds.Context);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("n_layer", ConfigBounds.Layers),
            Context = positions,
            Positions = new LearnedPositions("wpe", positions),
            Norm = new LayerNormSpec(config.Float("layer_norm_epsilon")),
            Attention = attention with { QkvBias = true, OutputBias = true, Scale = config.Bool("scale_attn_weights", true) ? 0f : 1f },
            Mlp = new PlainMlpSpec(config.CountUpTo("n_inner", ConfigBounds.Intermediate, 4 * hidden), Activations.Named(config, "activation_function"))
            {
                Up = new("c_fc", Transposed: true),
                Down = new("c_proj", Transposed: true),
            },
            Residual = new SerialResidual("ln_1", "ln_2"),
            TiedHead = config.Bool("tie_word_embeddings", true),
            Names = new LlmNames { Roots = ["transformer", ""], Embeddings = "wte", Layers = "h", Norm = "ln_f", Output = new("attn.c_proj", Transposed: true) }
                .With(LinearPlace.Blocked("attn.c_attn", attention.Heads, attention.Heads, attention.HeadDim, transposed: true)),
        };
    }
}
