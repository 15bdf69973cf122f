using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>GPT-J: parallel branches behind one LayerNorm, rotary positions on neighbouring dimensions of a part of each head.</summary>
/// <remarks>source: Wang, Komatsuzaki 2021, GPT-J-6B; transformers, GPTJForCausalLM.</remarks>
internal sealed class GptJFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["gptj"];

    public override LlmSpec Read(ConfigObject config)
    {
        AttentionSpec attention = HeadCounts.Read(config, "n_embd", "n_head");
        int hidden = config.Count("n_embd"), dims = config.CountUpTo("rotary_dim", ConfigBounds.HeadDim, attention.HeadDim);
        if (dims % 2 != 0 || dims > attention.HeadDim) throw config.Invalid("rotary_dim", $"an even number up to {attention.HeadDim}");
        bool tied = config.Bool("tie_word_embeddings", false);
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("n_layer", ConfigBounds.Layers),
            Context = config.CountUpTo("n_positions", ConfigBounds.Context),
            Norm = new LayerNormSpec(config.Float("layer_norm_epsilon")),
            Attention = attention with { Rotary = new RotarySpec(10000, dims) { Pairs = RotaryPairs.Neighbours } },
            Mlp = new PlainMlpSpec(config.CountUpTo("n_inner", ConfigBounds.Intermediate, 4 * hidden), Activations.Named(config, "activation_function")) { Up = "fc_in", Down = "fc_out" },
            Residual = new ParallelResidual("ln_1"),
            TiedHead = tied,
            HeadBias = !tied,
            Names = new LlmNames
            {
                Roots = ["transformer", ""], Embeddings = "wte", Layers = "h", Norm = "ln_f",
                Query = "attn.q_proj", Key = "attn.k_proj", Value = "attn.v_proj", Output = "attn.out_proj",
            },
        };
    }
}
