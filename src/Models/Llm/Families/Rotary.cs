using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Reads rotary positions from configs.</summary>
internal static class Rotary
{
    /// <summary>Rotary positions of heads of that many dimensions.</summary>
    /// <param name="config">The config.</param>
    /// <param name="headDim">Dimensions of a head.</param>
    /// <param name="part">The share of them that turns, where a family writes it under a name of its own.</param>
    /// <exception cref="MmkException">MMK411: a number of dimensions that cannot be paired; MMK611: an unknown scaling.</exception>
    public static RotarySpec Read(ConfigObject config, int headDim, double? part = null)
    {
        RopeConfig rope = RopeConfig.Of(config);
        int dims = (int)(headDim * (part ?? rope.PartialFactor));
        if (dims < 2 || dims > headDim || dims % 2 != 0) throw config.Invalid(config.FirstOf("partial_rotary_factor", "rotary_pct", "head_dim", "hidden_size"), $"an even number of rotated dimensions (here {dims} of {headDim})");
        if (!(rope.Theta > 0 && double.IsFinite(rope.Theta))) throw config.Invalid(config.FirstOf("rope_theta", "rotary_emb_base", "rope_parameters"), "a positive base of the rotary frequencies");
        var plain = new RotarySpec(rope.Theta, dims);
        return rope.Type switch
        {
            "default" => plain,
            "linear" => plain with { Scaling = new LinearRotaryScaling((float)Positive(rope.Scaling!, "factor")) },
            "dynamic" => plain with { Scaling = new DynamicRotaryScaling(Positive(rope.Scaling!, "factor"), config.Count("max_position_embeddings")) },
            "llama3" => plain with
            {
                Scaling = new Llama3RotaryScaling((float)Positive(rope.Scaling!, "factor"), (float)Positive(rope.Scaling!, "low_freq_factor"), (float)Positive(rope.Scaling!, "high_freq_factor"),
                    rope.Scaling!.Count("original_max_position_embeddings")),
            },
            "yarn" => Yarn(config, rope.Scaling!, plain),
            "longrope" => Long(config, rope.Scaling!, plain),
            _ => throw ModelErrors.Unsupported(config.FilePath, $"the rotary scaling `{rope.Type}`"),
        };
    }

    /// <summary>The positions that a model reads: a base that grows with the length has no end of its own.</summary>
    public static int Context(RotarySpec rotary, int trained) => rotary.Scaling is DynamicRotaryScaling ? Math.Max(trained, 1 << 20) : trained;

    private static double Positive(ConfigObject scaling, string key)
    {
        double value = scaling.Double(key);
        return value > 0 && double.IsFinite(value) ? value : throw scaling.Invalid(key, "a positive number");
    }

    private static RotarySpec Yarn(ConfigObject config, ConfigObject scaling, RotarySpec plain)
    {
        const string TrainedKey = "original_max_position_embeddings";
        int most = config.Count("max_position_embeddings"), trained = scaling.Has(TrainedKey) ? scaling.Count(TrainedKey) : most;
        double factor = scaling.Has("factor") ? Positive(scaling, "factor") : (double)most / trained;
        double? scale = scaling.FindDouble("mscale"), all = scaling.FindDouble("mscale_all_dim");
        double magnitude = scaling.FindDouble("attention_factor")
            ?? (scale is not null and not 0 && all is not null and not 0 ? YarnRotaryScaling.Magnitude(factor, scale.Value) / YarnRotaryScaling.Magnitude(factor, all.Value) : YarnRotaryScaling.Magnitude(factor));
        double fast = scaling.Has("beta_fast") ? Positive(scaling, "beta_fast") : 32, slow = scaling.Has("beta_slow") ? Positive(scaling, "beta_slow") : 1;
        return plain with { Scaling = new YarnRotaryScaling(plain.Theta, (float)factor, trained, fast, slow, scaling.Bool("truncate", true)), Magnitude = (float)magnitude };
    }

    private static RotarySpec Long(ConfigObject config, ConfigObject scaling, RotarySpec plain)
    {
        int trained = config.IsSet("original_max_position_embeddings") || !scaling.Has("original_max_position_embeddings")
            ? config.Count("original_max_position_embeddings") : scaling.Count("original_max_position_embeddings");
        double factor = (double)config.Count("max_position_embeddings") / trained;
        double magnitude = scaling.FindDouble("attention_factor") ?? (factor <= 1 || trained < 2 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(trained)));
        return plain with { Scaling = new LongRotaryScaling(Factors("short_factor"), Factors("long_factor"), trained), Magnitude = (float)magnitude };

        float[] Factors(string key)
        {
            float[] factors = scaling.Floats(key);
            return factors.Length == plain.Dims / 2 && factors.All(value => value > 0) ? factors : throw scaling.Invalid(key, $"{plain.Dims / 2} positive numbers");
        }
    }
}
