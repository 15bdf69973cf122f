using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>T5, its version 1.1, mT5, Flan-T5 and UL2: an encoder and a decoder without absolute positions, with biases by distance and unscaled scores.</summary>
/// <remarks>
/// source: Raffel et al. 2019, arXiv:1910.10683; Chung et al. 2022, arXiv:2210.11416; Tay et al. 2022, arXiv:2205.05131; transformers, T5ForConditionalGeneration.
/// </remarks>
internal sealed class T5Family : LlmFamily
{
    private const int LargestDistance = 1 << 16;

    /// <summary>Distances have no end; n_positions says only what was trained.</summary>
    private const int Context = 1 << 20;

    public override IReadOnlyList<string> ModelTypes => ["t5", "mt5"];

    public override LlmSpec Read(ConfigObject config)
    {
        int hidden = config.CountUpTo("d_model", ConfigBounds.Hidden), heads = config.CountUpTo("num_heads", ConfigBounds.Heads), headDim = config.CountUpTo("d_kv", ConfigBounds.HeadDim);
        int layers = config.CountUpTo("num_layers", ConfigBounds.Layers);
        int vocabulary = config.CountUpTo("vocab_size", ConfigBounds.Vocabulary), start = config.Int("decoder_start_token_id", config.Int("pad_token_id", 0));
        if (start < 0 || start >= vocabulary) throw config.Invalid(config.FirstOf("decoder_start_token_id", "pad_token_id"), $"a token, 0 to {vocabulary - 1}");
        bool tied = config.Bool("tie_word_embeddings", true);
        var norm = new RmsNormSpec(config.Float("layer_norm_epsilon", 1e-6f));
        return new LlmSpec
        {
            Vocabulary = vocabulary,
            Hidden = hidden,
            Layers = config.CountUpTo("num_decoder_layers", ConfigBounds.Layers, layers),
            Context = Context,
            Norm = norm,
            Attention = new AttentionSpec { Heads = heads, KvHeads = heads, HeadDim = headDim, Scale = 1f, Scores = Biases(config, heads, "decoder", bidirectional: false) },
            Mlp = Feed(config, "layer.2"),
            Residual = new CrossedResidual("layer.0.layer_norm", "layer.1.layer_norm", "layer.2.layer_norm"),
            TiedHead = tied,
            HeadScale = tied ? 1f / MathF.Sqrt(hidden) : 1f,
            Names = new LlmNames
            {
                Roots = [""],
                Embeddings = "shared",
                Layers = "decoder.block",
                Norm = "decoder.final_layer_norm",
                Query = "layer.0.SelfAttention.q",
                Key = "layer.0.SelfAttention.k",
                Value = "layer.0.SelfAttention.v",
                Output = "layer.0.SelfAttention.o",
                Mlp = "",
            },
            Encoder = new EncoderSpec
            {
                Layers = layers,
                Transformer = new TransformerSpec(hidden, heads, norm, Feed(config, "layer.1"))
                {
                    HeadDim = headDim,
                    Scale = 1f,
                    Bias = false,
                    Names = new TransformerNames
                    {
                        Norm1 = "layer.0.layer_norm",
                        Norm2 = "layer.1.layer_norm",
                        Query = "layer.0.SelfAttention.q",
                        Key = "layer.0.SelfAttention.k",
                        Value = "layer.0.SelfAttention.v",
                        Output = "layer.0.SelfAttention.o",
                        Mlp = "",
                    },
                },
                Scores = Biases(config, heads, "encoder", bidirectional: true),
                Blocks = "encoder.block",
                Norm = "encoder.final_layer_norm",
                StartToken = start,
                Cross = new CrossAttentionSpec("layer.1.EncDecAttention.q", "layer.1.EncDecAttention.k", "layer.1.EncDecAttention.v", "layer.1.EncDecAttention.o"),
            },
        };
    }

    private static RelativeBiasSpec Biases(ConfigObject config, int heads, string stack, bool bidirectional)
    {
        const string BucketsKey = "relative_attention_num_buckets", DistanceKey = "relative_attention_max_distance";
        int buckets = config.CountUpTo(BucketsKey, LargestDistance, 32), distance = config.CountUpTo(DistanceKey, LargestDistance, 128);
        if (buckets < 4) throw config.Invalid(BucketsKey, "at least 4");
        if (distance <= buckets / 2) throw config.Invalid(DistanceKey, $"more than half of {BucketsKey} ({buckets})");
        return new RelativeBiasSpec($"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias", heads, buckets, distance, bidirectional);
    }

    /// <summary>feed_forward_proj says both whether there is a gate and which activation; gated-gelu means the tanh form, and dense_act_fn wins over it.</summary>
    private static MlpSpec Feed(ConfigObject config, string layer)
    {
        const string Key = "feed_forward_proj";
        string kind = config.String(Key, "relu");
        bool gated = kind.StartsWith("gated-", StringComparison.Ordinal);
        Activation activation = config.Has("dense_act_fn") ? Activations.Named(config, "dense_act_fn")
            : kind == "gated-gelu" ? Activation.GeluTanh
            : Activations.Find(gated ? kind["gated-".Length..] : kind) ?? throw config.Invalid(Key, $"one of {Activations.Names}, or gated- and one of them");
        int intermediate = config.CountUpTo("d_ff", ConfigBounds.Intermediate);
        string place = $"{layer}.DenseReluDense";
        return gated
            ? new GatedMlpSpec(intermediate, activation) { Gate = $"{place}.wi_0", Up = $"{place}.wi_1", Down = $"{place}.wo" }
            : new PlainMlpSpec(intermediate, activation, Bias: false) { Up = $"{place}.wi", Down = $"{place}.wo" };
    }
}
