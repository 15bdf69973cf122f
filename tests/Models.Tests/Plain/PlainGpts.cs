using System.Text.Json.Nodes;
using static MmKernels.Tests.Plain.PlainMath;
using static MmKernels.Tests.Plain.PlainParts;

namespace MmKernels.Tests.Plain;

/// <summary>The families with LayerNorm and their own names: written after transformers' modeling files.</summary>
internal static class PlainGpts
{
    private const double Epsilon = 1e-5;

    public static PlainModel GptNeoX(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width;
        bool parallel = sizes.Coin;
        (double part, int dims) = sizes.Rotated();
        double[] embedding = Embedding(w, "gpt_neox.embed_in", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"gpt_neox.layers.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.Heads, bias: true);
            FusePerHead(w, $"{at}attention.query_key_value", q, k, v, sizes, sizes.Heads);
            return Block(w, at, hidden, sizes.Intermediate, "attention.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", "input_layernorm", "post_attention_layernorm", (q, k, v));
        });
        var config = new JsonObject
        {
            ["model_type"] = "gpt_neox", ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["num_hidden_layers"] = sizes.Layers, ["num_attention_heads"] = sizes.Heads,
            ["intermediate_size"] = sizes.Intermediate, ["hidden_act"] = "gelu", ["max_position_embeddings"] = 512, ["layer_norm_eps"] = Epsilon, ["rotary_pct"] = part,
            ["rotary_emb_base"] = 10000, ["use_parallel_residual"] = parallel, ["tie_word_embeddings"] = false,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, Gelu, w.LayerNorm("gpt_neox.final_layer_norm", hidden, Epsilon), w.Linear("embed_out", hidden, sizes.Vocabulary, false)) with
        {
            Order = parallel ? PlainOrder.Parallel : PlainOrder.Serial, Frequencies = Frequencies(10000, dims),
        });
    }

    public static PlainModel GptJ(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, dims = sizes.Rotated().Dims;
        double[] embedding = Embedding(w, "transformer.wte", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"transformer.h.{i}.";
            PlainLayer layer = Block(w, at, hidden, 4 * hidden, "attn.out_proj", "mlp.fc_in", "mlp.fc_out", "ln_1", null, Apart(w, $"{at}attn.", hidden, bias: false));
            return layer;
        });
        var config = new JsonObject
        {
            ["model_type"] = "gptj", ["vocab_size"] = sizes.Vocabulary, ["n_embd"] = hidden, ["n_layer"] = sizes.Layers, ["n_head"] = sizes.Heads, ["n_inner"] = null, ["n_positions"] = 512,
            ["rotary_dim"] = dims, ["activation_function"] = "gelu_new", ["layer_norm_epsilon"] = Epsilon, ["tie_word_embeddings"] = false,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, GeluTanh, w.LayerNorm("transformer.ln_f", hidden, Epsilon), w.Linear("lm_head", hidden, sizes.Vocabulary, true)) with
        {
            Order = PlainOrder.Parallel, Neighbours = true, Frequencies = Frequencies(10000, dims),
        });
    }

    public static PlainModel Phi(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, kvWidth = sizes.KvHeads * sizes.HeadDim;
        (double part, int dims) = sizes.Rotated();
        double[] embedding = Embedding(w, "model.embed_tokens", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            var maps = (w.Linear($"{at}self_attn.q_proj", hidden, hidden, true), w.Linear($"{at}self_attn.k_proj", hidden, kvWidth, true), w.Linear($"{at}self_attn.v_proj", hidden, kvWidth, true));
            return Block(w, at, hidden, sizes.Intermediate, "self_attn.dense", "mlp.fc1", "mlp.fc2", "input_layernorm", null, maps);
        });
        var config = new JsonObject
        {
            ["model_type"] = "phi", ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["num_hidden_layers"] = sizes.Layers, ["num_attention_heads"] = sizes.Heads,
            ["num_key_value_heads"] = sizes.KvHeads == sizes.Heads ? null : sizes.KvHeads, ["intermediate_size"] = sizes.Intermediate, ["hidden_act"] = "gelu_new",
            ["max_position_embeddings"] = 512, ["layer_norm_eps"] = Epsilon, ["partial_rotary_factor"] = part, ["rope_scaling"] = null, ["tie_word_embeddings"] = false,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, GeluTanh, w.LayerNorm("model.final_layernorm", hidden, Epsilon), w.Linear("lm_head", hidden, sizes.Vocabulary, true)) with
        {
            KvHeads = sizes.KvHeads, Order = PlainOrder.Parallel, Frequencies = Frequencies(10000, dims),
        });
    }

    public static PlainModel Persimmon(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width;
        bool norms = sizes.Coin;
        (double part, int dims) = sizes.Rotated();
        double[] embedding = Embedding(w, "model.embed_tokens", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"model.layers.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.Heads, bias: true);
            FusePerHead(w, $"{at}self_attn.query_key_value", q, k, v, sizes, sizes.Heads);
            return Block(w, at, hidden, sizes.Intermediate, "self_attn.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", "input_layernorm", "post_attention_layernorm", (q, k, v)) with
            {
                QueryNorm = norms ? w.LayerNorm($"{at}self_attn.q_layernorm", sizes.HeadDim, Epsilon) : null,
                KeyNorm = norms ? w.LayerNorm($"{at}self_attn.k_layernorm", sizes.HeadDim, Epsilon) : null,
            };
        });
        var config = new JsonObject
        {
            ["model_type"] = "persimmon", ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["num_hidden_layers"] = sizes.Layers, ["num_attention_heads"] = sizes.Heads,
            ["intermediate_size"] = sizes.Intermediate, ["hidden_act"] = "relu2", ["max_position_embeddings"] = 512, ["layer_norm_eps"] = Epsilon, ["partial_rotary_factor"] = part,
            ["rope_theta"] = 25000.0, ["qk_layernorm"] = norms, ["tie_word_embeddings"] = false,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, SquaredRelu, w.LayerNorm("model.final_layernorm", hidden, Epsilon), w.Linear("lm_head", hidden, sizes.Vocabulary, false)) with
        {
            Frequencies = Frequencies(25000, dims),
        });
    }

    public static PlainModel Opt(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, width = sizes.Coin ? sizes.Between(9, 70) : hidden;
        bool before = sizes.Coin;
        string root = sizes.Coin ? "model.decoder." : "decoder.";
        double[] embedding = Embedding(w, $"{root}embed_tokens", sizes.Vocabulary, width);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"{root}layers.{i}.";
            return Block(w, at, hidden, sizes.Intermediate, "self_attn.out_proj", "fc1", "fc2", "self_attn_layer_norm", "final_layer_norm", Apart(w, $"{at}self_attn.", hidden, bias: true));
        });
        var config = new JsonObject
        {
            ["model_type"] = "opt", ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["word_embed_proj_dim"] = width, ["num_hidden_layers"] = sizes.Layers,
            ["num_attention_heads"] = sizes.Heads, ["ffn_dim"] = sizes.Intermediate, ["activation_function"] = "relu", ["max_position_embeddings"] = 400, ["do_layer_norm_before"] = before,
            ["_remove_final_layer_norm"] = false,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, Relu, before ? w.LayerNorm($"{root}final_layer_norm", hidden, Epsilon) : null, new PlainLinear(embedding, null, width)) with
        {
            Order = before ? PlainOrder.Serial : PlainOrder.PostNorm,
            ProjectIn = width == hidden ? null : w.Linear($"{root}project_in", width, hidden, false),
            ProjectOut = width == hidden ? null : w.Linear($"{root}project_out", hidden, width, false),
            Positions = w.New($"{root}embed_positions.weight", 0.5, 0, 402, hidden), PositionOffset = 2,
        });
    }

    public static PlainModel Gpt2(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, wide = sizes.Intermediate;
        bool prefixed = sizes.Coin;
        string root = prefixed ? "transformer." : "";
        double[] embedding = Embedding(w, $"{root}wte", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"{root}h.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.Heads, bias: true);
            Conv1D($"{at}attn.c_attn", new PlainLinear([.. q.Weight, .. k.Weight, .. v.Weight], [.. q.Bias!, .. k.Bias!, .. v.Bias!], hidden));
            return new PlainLayer
            {
                Query = q, Key = k, Value = v,
                Output = Conv1D($"{at}attn.c_proj", w.Loose(hidden, hidden, true)),
                Up = Conv1D($"{at}mlp.c_fc", w.Loose(hidden, wide, true)),
                Down = Conv1D($"{at}mlp.c_proj", w.Loose(wide, hidden, true)),
                Norms = [w.LayerNorm($"{at}ln_1", hidden, Epsilon), w.LayerNorm($"{at}ln_2", hidden, Epsilon)],
            };
        });
        var config = new JsonObject
        {
            ["model_type"] = "gpt2", ["vocab_size"] = sizes.Vocabulary, ["n_embd"] = hidden, ["n_layer"] = sizes.Layers, ["n_head"] = sizes.Heads, ["n_inner"] = wide, ["n_positions"] = 400, ["n_ctx"] = 400,
            ["activation_function"] = "gelu_new", ["layer_norm_epsilon"] = Epsilon,
        };
        return new PlainModel(config, Decoder(sizes, embedding, layers, GeluTanh, w.LayerNorm($"{root}ln_f", hidden, Epsilon), new PlainLinear(embedding, null, hidden)) with
        {
            Positions = w.New($"{root}wpe.weight", 0.5, 0, 400, hidden),
        });

        // Weights lie [inputs, outputs].
        PlainLinear Conv1D(string name, PlainLinear map)
        {
            var transposed = new double[map.Weight.Length];
            for (int i = 0; i < transposed.Length; i++) transposed[i] = map.Weight[i % map.Outputs * map.Inputs + i / map.Outputs];
            w.Add($"{name}.weight", transposed, map.Inputs, map.Outputs);
            w.Add($"{name}.bias", map.Bias!, map.Outputs);
            return map;
        }
    }

    public static PlainModel Mpt(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width, ratio = sizes.Between(1, 4);
        double[] embedding = Embedding(w, "transformer.wte", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"transformer.blocks.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.Heads, bias: false);
            w.Fuse($"{at}attn.Wqkv", (q, 0, hidden), (k, 0, hidden), (v, 0, hidden));
            return new PlainLayer
            {
                Query = q, Key = k, Value = v,
                Output = w.Linear($"{at}attn.out_proj", hidden, hidden, false),
                Up = w.Linear($"{at}ffn.up_proj", hidden, ratio * hidden, false),
                Down = w.Linear($"{at}ffn.down_proj", ratio * hidden, hidden, false),
                Norms = [w.LayerNorm($"{at}norm_1", hidden, Epsilon, bias: false), w.LayerNorm($"{at}norm_2", hidden, Epsilon, bias: false)],
            };
        });
        var config = new JsonObject
        {
            ["model_type"] = "mpt", ["vocab_size"] = sizes.Vocabulary, ["d_model"] = hidden, ["n_layers"] = sizes.Layers, ["n_heads"] = sizes.Heads, ["expansion_ratio"] = ratio, ["max_seq_len"] = 512,
            ["no_bias"] = true, ["attn_config"] = new JsonObject { ["alibi"] = true, ["alibi_bias_max"] = 8, ["attn_impl"] = "torch", ["clip_qkv"] = null, ["prefix_lm"] = false },
        };
        int power = 1;
        while (power < sizes.Heads) power *= 2;
        double[] all = [.. Enumerable.Range(1, power).Select(i => Math.Pow(2, -8.0 * i / power))];
        double[] slopes = power == sizes.Heads ? all : [.. all.Where((_, i) => i % 2 == 1), .. all.Where((_, i) => i % 2 == 0)];
        return new PlainModel(config, Decoder(sizes, embedding, layers, Gelu, w.LayerNorm("transformer.norm_f", hidden, Epsilon, bias: false), new PlainLinear(embedding, null, hidden)) with { Slopes = slopes });
    }

    public static PlainModel Bloom(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Width;
        string root = sizes.Coin ? "transformer." : "";
        double[] embedding = Embedding(w, $"{root}word_embeddings", sizes.Vocabulary, hidden);
        PlainLayer[] layers = Layers(sizes, i =>
        {
            string at = $"{root}h.{i}.";
            (PlainLinear q, PlainLinear k, PlainLinear v) = Loose(w, sizes, hidden, sizes.Heads, bias: true);
            FusePerHead(w, $"{at}self_attention.query_key_value", q, k, v, sizes, sizes.Heads);
            return Block(w, at, hidden, 4 * hidden, "self_attention.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", "input_layernorm", "post_attention_layernorm", (q, k, v));
        });
        var config = new JsonObject
        {
            ["model_type"] = "bloom", ["vocab_size"] = sizes.Vocabulary, ["hidden_size"] = hidden, ["n_layer"] = sizes.Layers, ["n_head"] = sizes.Heads, ["layer_norm_epsilon"] = Epsilon,
        };
        int power = 1;
        while (2 * power <= sizes.Heads) power *= 2;
        double[] slopes = [.. Enumerable.Range(0, sizes.Heads).Select(i => i < power ? Math.Pow(2, -8.0 * (i + 1) / power) : Math.Pow(2, -4.0 * (2 * (i - power) + 1) / power))];
        return new PlainModel(config, Decoder(sizes, embedding, layers, GeluTanh, w.LayerNorm($"{root}ln_f", hidden, Epsilon), new PlainLinear(embedding, null, hidden)) with
        {
            Slopes = slopes, EmbeddingNorm = w.LayerNorm($"{root}word_embeddings_layernorm", hidden, Epsilon),
        });
    }

    private static PlainDecoder Decoder(PlainSizes sizes, double[] embedding, PlainLayer[] layers, Func<double, double> activation, PlainNorm? norm, PlainLinear head) => new()
    {
        Vocabulary = sizes.Vocabulary, Heads = sizes.Heads, KvHeads = sizes.Heads, HeadDim = sizes.HeadDim, Embedding = embedding, Layers = layers, Activation = activation, Norm = norm, Head = head,
    };

    private static (PlainLinear, PlainLinear, PlainLinear) Apart(PlainWeights w, string at, int hidden, bool bias)
        => (w.Linear($"{at}q_proj", hidden, hidden, bias), w.Linear($"{at}k_proj", hidden, hidden, bias), w.Linear($"{at}v_proj", hidden, hidden, bias));

    private static PlainLayer Block(PlainWeights w, string at, int hidden, int wide, string output, string up, string down, string norm1, string? norm2, (PlainLinear Q, PlainLinear K, PlainLinear V) maps)
        => new()
        {
            Query = maps.Q, Key = maps.K, Value = maps.V,
            Output = w.Linear(at + output, hidden, hidden, maps.Q.Bias is not null),
            Up = w.Linear(at + up, hidden, wide, true),
            Down = w.Linear(at + down, wide, hidden, true),
            Norms = norm2 is null ? [w.LayerNorm(at + norm1, hidden, Epsilon)] : [w.LayerNorm(at + norm1, hidden, Epsilon), w.LayerNorm(at + norm2, hidden, Epsilon)],
        };
}
