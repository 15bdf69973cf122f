using System.Text.Json.Nodes;
using static MmKernels.Tests.Plain.PlainMath;
using static MmKernels.Tests.Plain.PlainParts;

namespace MmKernels.Tests.Plain;

/// <summary>LLaMA and the families that share its names: written after transformers' modeling files.</summary>
internal static class PlainLlamas
{
    private const double Epsilon = 1e-5;

    public static PlainModel Llama(PlainWeights w, PlainSizes sizes)
    {
        bool attentionBias = sizes.Coin, mlpBias = sizes.Coin;
        PlainModel model = Base(w, sizes, "llama", sizes.Between(20, 200), attentionBias, attentionBias, mlpBias);
        model.Config["attention_bias"] = attentionBias;
        model.Config["mlp_bias"] = mlpBias;
        double factor = sizes.Between(2, 8);
        switch (sizes.Between(0, 5))
        {
            case 0:
                model.Config["rope_scaling"] = new JsonObject { ["type"] = "linear", ["factor"] = factor };
                return model with { Decoder = model.Decoder with { Frequencies = Frequencies(10000, sizes.HeadDim, frequency => frequency / factor) } };
            case 1:
                model.Config["rope_theta"] = 500000.0;
                model.Config["rope_scaling"] = new JsonObject
                {
                    ["rope_type"] = "llama3", ["factor"] = factor, ["low_freq_factor"] = 1.0, ["high_freq_factor"] = 4.0, ["original_max_position_embeddings"] = 64,
                };
                return model with { Decoder = model.Decoder with { Frequencies = Frequencies(500000, sizes.HeadDim, frequency => Llama3(frequency, factor, 64)) } };
            case 2:
                int trained = sizes.Between(32, 100);
                model.Config["rope_scaling"] = new JsonObject { ["rope_type"] = "yarn", ["factor"] = factor, ["original_max_position_embeddings"] = trained };
                return model with
                {
                    Decoder = model.Decoder with
                    {
                        Frequencies = _ => [.. Frequencies(10000, sizes.HeadDim)(0).Select((frequency, pair) => Yarn(frequency, pair, sizes.HeadDim, factor, trained))], Magnitude = 0.1 * Math.Log(factor) + 1,
                    },
                };
            case 3:
                model.Config["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 1e6 };
                return model with { Decoder = model.Decoder with { Frequencies = Frequencies(1e6, sizes.HeadDim) } };
            default: return model;
        }
    }

    public static PlainModel Mistral(PlainWeights w, PlainSizes sizes)
    {
        int window = sizes.Between(1, 90);
        PlainModel model = Base(w, sizes, "mistral", sizes.Between(20, 200));
        model.Config["sliding_window"] = window;
        return Windowed(model, _ => window);
    }

    public static PlainModel Qwen2(PlainWeights w, PlainSizes sizes)
    {
        int window = sizes.Between(3, 60), from = sizes.Between(0, sizes.Layers);
        bool use = sizes.Coin;
        PlainModel model = Base(w, sizes, "qwen2", sizes.Between(20, 200), qkvBias: true);
        model.Config["use_sliding_window"] = use;
        model.Config["sliding_window"] = window;
        model.Config["max_window_layers"] = from;
        return use ? Windowed(model, layer => layer >= from ? window : 0) : model;
    }

    public static PlainModel Qwen3(PlainWeights w, PlainSizes sizes)
    {
        PlainModel model = Base(w, sizes, "qwen3", sizes.Between(20, 200));
        return model with
        {
            Decoder = model.Decoder with
            {
                Layers = [.. model.Decoder.Layers.Select((layer, i) => layer with
                {
                    QueryNorm = w.RmsNorm($"model.layers.{i}.self_attn.q_norm", sizes.HeadDim, Epsilon), KeyNorm = w.RmsNorm($"model.layers.{i}.self_attn.k_norm", sizes.HeadDim, Epsilon),
                })],
            },
        };
    }

    public static PlainModel Gemma(PlainWeights w, PlainSizes sizes) => Gemma(w, sizes, "gemma");

    public static PlainModel Gemma2(PlainWeights w, PlainSizes sizes)
    {
        PlainModel model = Gemma(w, sizes, "gemma2");
        int window = sizes.Between(2, 60), scalar = sizes.Between(10, 300);
        model.Config["sliding_window"] = window;
        model.Config["query_pre_attn_scalar"] = scalar;
        model.Config["attn_logit_softcapping"] = 3.0;
        model.Config["final_logit_softcapping"] = 4.0;
        int hidden = model.Decoder.Embedding.Length / sizes.Vocabulary;
        PlainModel windowed = Windowed(model, layer => layer % 2 == 0 ? window : 0);
        return windowed with
        {
            Decoder = windowed.Decoder with
            {
                Order = PlainOrder.Sandwich,
                Scale = 1 / Math.Sqrt(scalar),
                SoftCap = 3,
                LogitCap = 4,
                Layers = [.. windowed.Decoder.Layers.Select((layer, i) => layer with
                {
                    Norms = [layer.Norms[0], layer.Norms[1], w.RmsNorm($"model.layers.{i}.pre_feedforward_layernorm", hidden, Epsilon, 1), w.RmsNorm($"model.layers.{i}.post_feedforward_layernorm", hidden, Epsilon, 1)],
                })],
            },
        };
    }

    public static PlainModel Phi3(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, dim = sizes.HeadDim, wide = sizes.Intermediate, trained = 48;
        bool scaled = sizes.Coin, tied = sizes.Coin;
        (double part, int dims) = sizes.Rotated();
        JsonObject config = Config("phi3", sizes, hidden, tied);
        config["sliding_window"] = null;
        config["partial_rotary_factor"] = part;
        config["original_max_position_embeddings"] = trained;
        double[] shorter = [.. Enumerable.Range(0, dims / 2).Select(j => 1.0 + 0.25 * (j % 5))], longer = [.. Enumerable.Range(0, dims / 2).Select(j => 1.5 + 0.5 * (j % 7))];
        if (scaled) config["rope_scaling"] = new JsonObject { ["type"] = "longrope", ["short_factor"] = List(shorter), ["long_factor"] = List(longer) };
        double[] embedding = Embedding(w, "model.embed_tokens", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.KvHeads, bias: false);
            PlainLinear gate = w.Loose(hidden, wide, false), up = w.Loose(hidden, wide, false);
            w.Fuse($"{at}self_attn.qkv_proj", (q, 0, q.Outputs), (k, 0, k.Outputs), (v, 0, v.Outputs));
            w.Fuse($"{at}mlp.gate_up_proj", (gate, 0, wide), (up, 0, wide));
            return new PlainLayer
            {
                Query = q, Key = k, Value = v, Gate = gate, Up = up,
                Output = w.Linear($"{at}self_attn.o_proj", sizes.Width, hidden, false),
                Down = w.Linear($"{at}mlp.down_proj", wide, hidden, false),
                Norms = [w.RmsNorm($"{at}input_layernorm", hidden, Epsilon), w.RmsNorm($"{at}post_attention_layernorm", hidden, Epsilon)],
            };
        });
        double[] plain = Frequencies(10000, dims)(0);
        return new PlainModel(config, new PlainDecoder
        {
            Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.KvHeads, HeadDim = dim, Embedding = embedding, Layers = layers, Activation = Silu,
            Norm = w.RmsNorm("model.norm", hidden, Epsilon),
            Head = Head(w, "lm_head", embedding, hidden, sizes.Vocabulary, tied),
            Frequencies = length => scaled ? [.. plain.Zip(length > trained ? longer : shorter, (frequency, factor) => frequency / factor)] : plain,
            Magnitude = scaled ? Math.Sqrt(1 + Math.Log(512.0 / trained) / Math.Log(trained)) : 1,
        });
    }

    public static PlainModel InternLm2(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, wide = sizes.Intermediate;
        bool bias = sizes.Coin;
        JsonObject config = Config("internlm2", sizes, hidden, tied: false);
        config["bias"] = bias;
        double[] embedding = Embedding(w, "model.tok_embeddings", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.KvHeads, bias);
            FusePerHead(w, $"{at}attention.wqkv", q, k, v, sizes, sizes.KvHeads);
            return new PlainLayer
            {
                Query = q, Key = k, Value = v,
                Output = w.Linear($"{at}attention.wo", hidden, hidden, bias),
                Gate = w.Linear($"{at}feed_forward.w1", hidden, wide, false),
                Up = w.Linear($"{at}feed_forward.w3", hidden, wide, false),
                Down = w.Linear($"{at}feed_forward.w2", wide, hidden, false),
                Norms = [w.RmsNorm($"{at}attention_norm", hidden, Epsilon), w.RmsNorm($"{at}ffn_norm", hidden, Epsilon)],
            };
        });
        return new PlainModel(config, new PlainDecoder
        {
            Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.KvHeads, HeadDim = sizes.HeadDim, Embedding = embedding, Layers = layers, Activation = Silu,
            Norm = w.RmsNorm("model.norm", hidden, Epsilon), Head = w.Linear("output", hidden, sizes.Vocabulary, false), Frequencies = Frequencies(10000, sizes.HeadDim),
        });
    }

    public static PlainModel StableLm(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, dim = sizes.HeadDim;
        (double part, int dims) = sizes.Rotated();
        bool parallel = sizes.Coin, bias = sizes.Coin, norms = sizes.Coin;
        JsonObject config = Config("stablelm", sizes, hidden, tied: false);
        config["use_parallel_residual"] = parallel;
        config["use_qkv_bias"] = bias;
        config["qk_layernorm"] = norms;
        config["partial_rotary_factor"] = part;
        config["layer_norm_eps"] = Epsilon;
        double[] embedding = Embedding(w, "model.embed_tokens", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            PlainNorm first = w.LayerNorm($"{at}input_layernorm", hidden, Epsilon);
            return Block(w, sizes, at, hidden, bias, false, false) with
            {
                Norms = parallel ? [first] : [first, w.LayerNorm($"{at}post_attention_layernorm", hidden, Epsilon)],
                QueryNorm = norms ? PerHead($"{at}self_attn.q_layernorm", sizes.Heads) : null,
                KeyNorm = norms ? PerHead($"{at}self_attn.k_layernorm", sizes.KvHeads) : null,
            };
        });
        return new PlainModel(config, new PlainDecoder
        {
            Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.KvHeads, HeadDim = dim, Embedding = embedding, Layers = layers, Activation = Silu,
            Norm = w.LayerNorm("model.norm", hidden, Epsilon), Head = w.Linear("lm_head", hidden, sizes.Vocabulary, false), Frequencies = Frequencies(10000, dims),
            Order = parallel ? PlainOrder.Parallel : PlainOrder.Serial,
        });

        PlainNorm PerHead(string name, int heads)
        {
            double[][] weights = [.. Enumerable.Range(0, heads).Select(head => w.New($"{name}.norms.{head}.weight", 0.2, 1, dim))];
            return new PlainNorm([.. weights.SelectMany(weight => weight)], null, Epsilon, Centred: true, 0);
        }
    }

    public static PlainModel ChatGlm2(PlainWeights w, PlainSizes sizes)
    {
        int dim = sizes.HeadDim / 4 * 4, hidden = sizes.Between(20, 200), wide = sizes.Intermediate, width = sizes.Heads * dim, kvWidth = sizes.KvHeads * dim;
        bool bias = sizes.Coin;
        double ratio = sizes.Pick(1, 50, 500);
        var config = new JsonObject
        {
            ["model_type"] = "chatglm", ["padded_vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["num_layers"] = sizes.Layers, ["num_attention_heads"] = sizes.Heads, ["kv_channels"] = dim,
            ["multi_query_attention"] = true, ["multi_query_group_num"] = sizes.KvHeads, ["ffn_hidden_size"] = wide, ["seq_length"] = 512, ["layernorm_epsilon"] = Epsilon, ["add_qkv_bias"] = bias,
            ["add_bias_linear"] = false, ["rmsnorm"] = true, ["post_layer_norm"] = true, ["rope_ratio"] = ratio, ["apply_query_key_layer_scaling"] = true, ["original_rope"] = true,
        };
        double[] embedding = Embedding(w, "transformer.embedding.word_embeddings", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"transformer.encoder.layers.{i}.";
            PlainLinear q = w.Loose(hidden, width, bias), k = w.Loose(hidden, kvWidth, bias), v = w.Loose(hidden, kvWidth, bias), gate = w.Loose(hidden, wide, false), up = w.Loose(hidden, wide, false);
            w.Fuse($"{at}self_attention.query_key_value", (q, 0, width), (k, 0, kvWidth), (v, 0, kvWidth));
            w.Fuse($"{at}mlp.dense_h_to_4h", (gate, 0, wide), (up, 0, wide));
            return new PlainLayer
            {
                Query = q, Key = k, Value = v, Gate = gate, Up = up,
                Output = w.Linear($"{at}self_attention.dense", width, hidden, false),
                Down = w.Linear($"{at}mlp.dense_4h_to_h", wide, hidden, false),
                Norms = [w.RmsNorm($"{at}input_layernorm", hidden, Epsilon), w.RmsNorm($"{at}post_attention_layernorm", hidden, Epsilon)],
            };
        });
        return new PlainModel(config, new PlainDecoder
        {
            Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.KvHeads, HeadDim = dim, Embedding = embedding, Layers = layers, Activation = Silu, Neighbours = true,
            Norm = w.RmsNorm("transformer.encoder.final_layernorm", hidden, Epsilon), Head = w.Linear("transformer.output_layer", hidden, sizes.Vocabulary, false),
            Frequencies = Frequencies(10000 * ratio, dim / 2),
        });
    }

    private static PlainModel Gemma(PlainWeights w, PlainSizes sizes, string type)
    {
        int hidden = sizes.Between(20, 200);
        PlainModel model = Base(w, sizes, type, hidden, tied: true, normOffset: 1);
        model.Config["hidden_act"] = "gelu";
        model.Config["hidden_activation"] = "gelu_pytorch_tanh";
        return model with { Decoder = model.Decoder with { Activation = GeluTanh, EmbeddingScale = (float)Math.Sqrt(hidden) } };
    }

    private static PlainModel Base(PlainWeights w, PlainSizes sizes, string type, int hidden, bool qkvBias = false, bool outputBias = false, bool mlpBias = false, bool? tied = null, double normOffset = 0)
    {
        bool shares = tied ?? sizes.Coin;
        double[] embedding = Embedding(w, "model.embed_tokens", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            return Block(w, sizes, at, hidden, qkvBias, outputBias, mlpBias) with
            {
                Norms = [w.RmsNorm($"{at}input_layernorm", hidden, Epsilon, normOffset), w.RmsNorm($"{at}post_attention_layernorm", hidden, Epsilon, normOffset)],
            };
        });
        return new PlainModel(Config(type, sizes, hidden, shares), new PlainDecoder
        {
            Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.KvHeads, HeadDim = sizes.HeadDim, Embedding = embedding, Layers = layers, Activation = Silu,
            Norm = w.RmsNorm("model.norm", hidden, Epsilon, normOffset),
            Head = Head(w, "lm_head", embedding, hidden, sizes.Vocabulary, shares),
            Frequencies = Frequencies(10000, sizes.HeadDim),
        });
    }

    /// <summary>A block without its norms.</summary>
    private static PlainLayer Block(PlainWeights w, PlainSizes sizes, string at, int hidden, bool qkvBias, bool outputBias, bool mlpBias) => new()
    {
        Query = w.Linear($"{at}self_attn.q_proj", hidden, sizes.Width, qkvBias),
        Key = w.Linear($"{at}self_attn.k_proj", hidden, sizes.KvHeads * sizes.HeadDim, qkvBias),
        Value = w.Linear($"{at}self_attn.v_proj", hidden, sizes.KvHeads * sizes.HeadDim, qkvBias),
        Output = w.Linear($"{at}self_attn.o_proj", sizes.Width, hidden, outputBias),
        Gate = w.Linear($"{at}mlp.gate_proj", hidden, sizes.Intermediate, mlpBias),
        Up = w.Linear($"{at}mlp.up_proj", hidden, sizes.Intermediate, mlpBias),
        Down = w.Linear($"{at}mlp.down_proj", sizes.Intermediate, hidden, mlpBias),
        Norms = [],
    };

    private static PlainModel Windowed(PlainModel model, Func<int, int> window)
        => model with { Decoder = model.Decoder with { Layers = [.. model.Decoder.Layers.Select((layer, i) => layer with { Window = window(i) })] } };

    private static JsonObject Config(string type, PlainSizes sizes, int hidden, bool tied)
    {
        var config = new JsonObject
        {
            ["model_type"] = type, ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["num_hidden_layers"] = sizes.Layers, ["num_attention_heads"] = sizes.Heads,
            ["num_key_value_heads"] = sizes.KvHeads, ["intermediate_size"] = sizes.Intermediate, ["hidden_act"] = "silu", ["max_position_embeddings"] = 512,
            ["rms_norm_eps"] = Epsilon, ["tie_word_embeddings"] = tied, ["rope_theta"] = 10000.0,
        };
        if (hidden != sizes.Width || type is "gemma" or "gemma2" or "qwen3") config["head_dim"] = sizes.HeadDim;
        return config;
    }

    /// <summary>Long wavelengths divided by the factor, short ones kept, a line in between (transformers, modeling_rope_utils).</summary>
    private static double Llama3(double frequency, double factor, double trained)
    {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength > trained) return frequency / factor;
        if (wavelength < trained / 4) return frequency;
        double smooth = (trained / wavelength - 1) / 3;
        return (1 - smooth) * frequency / factor + smooth * frequency;
    }

    /// <summary>A pair that turns less than once in the trained context is divided by the factor, one that turns more than 32 times is kept (the same file).</summary>
    private static double Yarn(double frequency, int pair, int dims, double factor, double trained)
    {
        double first = Math.Max(0, Math.Floor(Turning(32))), last = Math.Min(dims - 1, Math.Ceiling(Turning(1)));
        double divided = Math.Clamp((pair - first) / Math.Max(last - first, 0.001), 0, 1);
        return frequency * (1 - divided) + frequency / factor * divided;

        double Turning(double turns) => dims * Math.Log(trained / (turns * 2 * Math.PI)) / (2 * Math.Log(10000));
    }

    private static JsonArray List(double[] values) => [.. values.Select(value => (JsonNode)value)];
}
