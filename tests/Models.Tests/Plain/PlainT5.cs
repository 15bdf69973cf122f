using System.Text.Json.Nodes;
using static MmKernels.Tests.Plain.PlainMath;

namespace MmKernels.Tests.Plain;

/// <summary>One block of T5: attention, in the decoder attention to the encoder's states, the MLP, each behind its norm.</summary>
internal sealed record PlainT5Layer(PlainNorm[] Norms, PlainLinear[] Self, PlainLinear[]? Cross, PlainLinear? Gate, PlainLinear Up, PlainLinear Down);

/// <summary>T5 in double precision, written from transformers' modeling_t5.py; with random sizes and the config that means them.</summary>
internal sealed record PlainT5(int Vocabulary, int Heads, double[] Embedding, Func<double, double> Activation, int Buckets, int MaxDistance)
{
    private const double Epsilon = 1e-6;

    public required JsonObject Config { get; init; }

    public required PlainT5Layer[] Encoder { get; init; }

    public required PlainT5Layer[] Decoder { get; init; }

    public required PlainNorm EncoderNorm { get; init; }

    public required PlainNorm DecoderNorm { get; init; }

    /// <summary>[buckets, heads].</summary>
    public required double[] EncoderBias { get; init; }

    /// <summary>[buckets, heads].</summary>
    public required double[] DecoderBias { get; init; }

    public required PlainLinear Head { get; init; }

    public double HeadScale { get; init; } = 1;

    public static PlainT5 Random(PlainWeights w, PlainSizes sizes)
    {
        int hidden = sizes.Between(20, 150), buckets = sizes.Between(4, 40), distance = sizes.Between(buckets / 2 + 1, 200);
        bool tied = sizes.Coin;
        (string name, bool gated, Func<double, double> activation) = sizes.Pick<(string, bool, Func<double, double>)>(("relu", false, Relu), ("gated-gelu", true, GeluTanh), ("gated-silu", true, Silu), ("gated-gelu", true, Gelu));
        var config = new JsonObject
        {
            ["model_type"] = "t5", ["vocab_size"] = sizes.Vocabulary, ["d_model"] = hidden, ["d_kv"] = sizes.HeadDim, ["d_ff"] = sizes.Intermediate, ["num_heads"] = sizes.Heads, ["num_layers"] = sizes.Layers,
            ["num_decoder_layers"] = sizes.Layers + 1, ["relative_attention_num_buckets"] = buckets, ["relative_attention_max_distance"] = distance, ["feed_forward_proj"] = name,
            ["layer_norm_epsilon"] = Epsilon, ["decoder_start_token_id"] = 2, ["pad_token_id"] = 0, ["tie_word_embeddings"] = tied,
        };
        if (activation == Gelu) config["dense_act_fn"] = "gelu";
        double[] embedding = w.New("shared.weight", 0.7, 0, sizes.Vocabulary, hidden);
        return new PlainT5(sizes.Vocabulary, sizes.Heads, embedding, activation, buckets, distance)
        {
            Config = config,
            Encoder = [.. Enumerable.Range(0, sizes.Layers).Select(i => Layer($"encoder.block.{i}.", cross: false))],
            Decoder = [.. Enumerable.Range(0, sizes.Layers + 1).Select(i => Layer($"decoder.block.{i}.", cross: true))],
            EncoderNorm = w.RmsNorm("encoder.final_layer_norm", hidden, Epsilon),
            DecoderNorm = w.RmsNorm("decoder.final_layer_norm", hidden, Epsilon),
            EncoderBias = w.New("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 1, 0, buckets, sizes.Heads),
            DecoderBias = w.New("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 1, 0, buckets, sizes.Heads),
            Head = PlainParts.Head(w, "lm_head", embedding, hidden, sizes.Vocabulary, tied),
            HeadScale = tied ? Math.Pow(hidden, -0.5) : 1,
        };

        PlainT5Layer Layer(string at, bool cross)
        {
            string feed = $"{at}layer.{(cross ? 2 : 1)}.";
            PlainLinear? gate = gated ? w.Linear($"{feed}DenseReluDense.wi_0", hidden, sizes.Intermediate, false) : null;
            return new PlainT5Layer([.. Enumerable.Range(0, cross ? 3 : 2).Select(i => w.RmsNorm($"{at}layer.{i}.layer_norm", hidden, Epsilon))],
                Maps($"{at}layer.0.SelfAttention."), cross ? Maps($"{at}layer.1.EncDecAttention.") : null,
                gate, w.Linear($"{feed}DenseReluDense.{(gated ? "wi_1" : "wi")}", hidden, sizes.Intermediate, false), w.Linear($"{feed}DenseReluDense.wo", sizes.Intermediate, hidden, false));
        }

        // Scores are not scaled: queries small enough for them to stay near one.
        PlainLinear[] Maps(string at) =>
        [
            new PlainLinear(w.New($"{at}q.weight", 1 / Math.Sqrt(hidden * sizes.HeadDim), 0, sizes.Width, hidden), null, hidden),
            w.Linear($"{at}k", hidden, sizes.Width, false), w.Linear($"{at}v", hidden, sizes.Width, false), w.Linear($"{at}o", sizes.Width, hidden, false),
        ];
    }

    /// <summary>The decoder's logits for the tokens of an answer to a prompt.</summary>
    public double[][] Forward(int[] prompt, int[] answer)
    {
        double[][] states = Rows(prompt);
        foreach (PlainT5Layer layer in Encoder)
            states = Feed(layer, Add(states, Attention(layer.Self, layer.Norms[0].Apply(states), null, (score, head, i, j) => score + EncoderBias[Bucket(j - i, true) * Heads + head])));
        states = EncoderNorm.Apply(states);
        double[][] x = Rows(answer);
        foreach (PlainT5Layer layer in Decoder)
        {
            x = Add(x, Attention(layer.Self, layer.Norms[0].Apply(x), null, (score, head, i, j) => j > i ? double.NaN : score + DecoderBias[Bucket(j - i, false) * Heads + head]));
            x = Feed(layer, Add(x, Attention(layer.Cross!, layer.Norms[1].Apply(x), states, (score, _, _, _) => score)));
        }
        return Head.Apply(Map(DecoderNorm.Apply(x), value => value * HeadScale));
    }

    private double[][] Rows(int[] ids)
    {
        int hidden = Embedding.Length / Vocabulary;
        return Array.ConvertAll(ids, id => Embedding.AsSpan(id * hidden, hidden).ToArray());
    }

    private double[][] Attention(PlainLinear[] maps, double[][] x, double[][]? states, Func<double, int, int, int, double> score)
        => maps[3].Apply(Attend(maps[0].Apply(x), maps[1].Apply(states ?? x), maps[2].Apply(states ?? x), Heads, Heads, 1, score));

    private double[][] Feed(PlainT5Layer layer, double[][] x)
    {
        double[][] n = layer.Norms[^1].Apply(x);
        double[][] h = layer.Gate is null ? Map(layer.Up.Apply(n), Activation) : Multiply(Map(layer.Gate.Apply(n), Activation), layer.Up.Apply(n));
        return Add(x, layer.Down.Apply(h));
    }

    /// <summary>
    /// The bucket of key less query. A length whose logarithm lies at a border of two buckets is a matter of rounding: there single precision decides, as in the reference.
    /// </summary>
    private int Bucket(int distance, bool both)
    {
        int buckets = both ? Buckets / 2 : Buckets, exact = buckets / 2, length = both ? Math.Abs(distance) : Math.Max(0, -distance);
        int place = length < exact ? length : Math.Min(buckets - 1, exact + (int)(MathF.Log((float)length / exact) / (float)Math.Log((double)MaxDistance / exact) * (buckets - exact)));
        return both && distance > 0 ? buckets + place : place;
    }
}
