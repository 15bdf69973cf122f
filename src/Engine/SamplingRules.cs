using MmKernels.Data;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>What a request and its checkpoint's generation_config.json say together about the choice of tokens.</summary>
internal static class SamplingRules
{
    /// <summary>Most alternatives of a token.</summary>
    private const int MostAlternatives = 20;

    /// <summary>Keys of generation_config.json that change which tokens are chosen and that are not supported, with the values that mean nothing.</summary>
    private static readonly (string Key, double Neutral)[] Unsupported =
    [
        ("num_beams", 1), ("num_beam_groups", 1), ("no_repeat_ngram_size", 0), ("encoder_no_repeat_ngram_size", 0), ("encoder_repetition_penalty", 1), ("min_new_tokens", 0), ("min_length", 0),
        ("typical_p", 1), ("epsilon_cutoff", 0), ("eta_cutoff", 0), ("penalty_alpha", 0), ("guidance_scale", 1), ("forced_bos_token_id", double.NaN), ("forced_eos_token_id", double.NaN),
        ("bad_words_ids", double.NaN), ("force_words_ids", double.NaN), ("sequence_bias", double.NaN), ("begin_suppress_tokens", double.NaN), ("exponential_decay_length_penalty", double.NaN),
    ];

    /// <summary>What the generator is told.</summary>
    /// <exception cref="MmkException">MMK700, MMK703, MMK716: an option, or what stands in its place in generation_config.json, is out of range.</exception>
    public static TokenSampling Of(GenerationOptions options, GenerationConfig config)
    {
        if (options.MaxTokens is < 1) throw EngineErrors.MaxTokens(options.MaxTokens.Value);
        if (!(options.Temperature >= 0 && options.Temperature <= float.MaxValue)) throw EngineErrors.Temperature(options.Temperature);
        foreach (string stop in options.Stops)
            if (string.IsNullOrEmpty(stop)) throw EngineErrors.Option("a stop text", "empty", "Give texts of at least one character");
        int alternatives = options.LogProbabilities ?? 0;
        if (alternatives is < 0 or > MostAlternatives) throw EngineErrors.Option("log-probabilities", alternatives, $"Ask for 0 to {MostAlternatives} alternatives");
        int topK = options.TopK ?? (config.Root.IsSet("top_k") ? config.TopK : 0);
        if (topK < 0) throw EngineErrors.Option("top-k", topK, "Give 0 for all tokens, or how many are drawn from");
        return new TokenSampling
        {
            Temperature = (float)options.Temperature,
            TopK = topK,
            TopP = Within("top-p", options.TopP ?? config.Root.FindDouble("top_p") ?? 1, 0, 1),
            MinP = Within("min-p", options.MinP ?? config.MinP ?? 0, 0, 1),
            RepetitionPenalty = Within("repetition penalty", options.RepetitionPenalty ?? config.Root.FindDouble("repetition_penalty") ?? 1, 1e-3, 1e3),
            PresencePenalty = Within("presence penalty", options.PresencePenalty, -1e3, 1e3),
            FrequencyPenalty = Within("frequency penalty", options.FrequencyPenalty, -1e3, 1e3),
            Suppressed = config.SuppressTokens,
            Seed = options.Seed,
            Sequence = options.Sequence,
            Alternatives = options.LogProbabilities,
        };
    }

    /// <summary>What generation_config.json asks for and does not get.</summary>
    public static IReadOnlyList<string> Ignored(GenerationConfig config)
        => [.. Unsupported.Where(entry => config.Root.IsSet(entry.Key) && !Neutral(config.Root, entry.Key, entry.Neutral)).Select(entry => $"{config.Root.FilePath} asks for {entry.Key}, which is not supported and left out")];

    private static bool Neutral(ConfigObject root, string key, double neutral)
        => root.Find(key) is { ValueKind: System.Text.Json.JsonValueKind.Number } value ? value.GetDouble() == neutral : root.Find(key) is { ValueKind: System.Text.Json.JsonValueKind.Array } list && list.GetArrayLength() == 0;

    private static float Within(string name, double value, double least, double most)
        => value >= least && value <= most ? (float)value : throw EngineErrors.Option($"{name}", value, FormattableString.Invariant($"Give {least} to {most}"));
}
