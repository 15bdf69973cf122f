using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>MPT: ALiBi, LayerNorm without biases, queries, keys and values in one weight.</summary>
/// <remarks>source: MosaicML 2023, MPT-7B; transformers, MptForCausalLM.</remarks>
internal sealed class MptFamily : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["mpt"];

    public override LlmSpec Read(ConfigObject config)
    {
        ConfigObject options = config.FindObject("attn_config") ?? ConfigObject.Empty(config.FilePath);
        if (!options.Bool("alibi", true)) throw Unsupported(config, "learned positions (attn_config.alibi false)");
        if (options.Bool("qk_ln", false)) throw Unsupported(config, "norms of queries and keys (attn_config.qk_ln)");
        if (options.Bool("prefix_lm", false)) throw Unsupported(config, "a prefix that all tokens see (attn_config.prefix_lm)");
        if (options.FindDouble("clip_qkv") is { } clip && clip != 0) throw Unsupported(config, "clipped queries, keys and values (attn_config.clip_qkv)");
        if (config.IsSet("logit_scale")) throw Unsupported(config, "scaled logits (logit_scale)");
        AttentionSpec attention = HeadCounts.Read(config, "d_model", "n_heads");
        int hidden = config.Count("d_model"), ratio = config.CountUpTo("expansion_ratio", 64);
        bool bias = !config.Bool("no_bias", true);
        if (bias) throw Unsupported(config, "biases (no_bias false)");
        return new LlmSpec
        {
            Vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary),
            Hidden = hidden,
            Layers = config.CountUpTo("n_layers", ConfigBounds.Layers),
            Context = config.CountUpTo("max_seq_len", ConfigBounds.Context),
            Norm = new LayerNormSpec(config.Float("layer_norm_epsilon", 1e-5f), Bias: false),
            Attention = attention with { Scale = options.Float("softmax_scale", 0f), Scores = new AlibiSpec(Slopes(attention.Heads, options.Double("alibi_bias_max", 8))) },
            Mlp = new PlainMlpSpec(ratio * hidden, Activation.Gelu, Bias: false) { Up = "up_proj", Down = "down_proj" },
            Residual = new SerialResidual("norm_1", "norm_2"),
            TiedHead = config.Bool("tie_word_embeddings", true),
            Names = new LlmNames { Roots = ["transformer", ""], Embeddings = "wte", Layers = "blocks", Norm = "norm_f", Output = "attn.out_proj", Mlp = "ffn" }
                .With(LinearPlace.Blocked("attn.Wqkv", attention.Heads, attention.Heads, attention.HeadDim)),
        };
    }

    /// <summary>2^(-largest · (i + 1) / n) with n the next power of two; of more slopes than heads every second comes first.</summary>
    private static float[] Slopes(int heads, double largest)
    {
        int power = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)heads);
        float[] all = [.. Enumerable.Range(1, power).Select(i => (float)Math.Pow(2, -largest * i / power))];
        return power == heads ? all : [.. all.Where((_, i) => i % 2 == 1).Concat(all.Where((_, i) => i % 2 == 0)).Take(heads)];
    }
}
