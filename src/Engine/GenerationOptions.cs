namespace MmKernels.Engine;

/// <summary>How an answer is made.</summary>
/// <remarks>
/// Filters count in the order of transformers: penalties, temperature, top-k, top-p, min-p. What is null is as the checkpoint's generation_config.json says, and off
/// where it says nothing; its do_sample and temperature do not count: without a <see cref="Temperature"/> the most probable token is taken.
/// </remarks>
public sealed record GenerationOptions
{
    /// <summary>New tokens at most; null takes the checkpoint's own limit, or 256.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 takes the most probable token each time, 1 draws by the model's own probabilities.</summary>
    public double Temperature { get; init; }

    /// <summary>Draws from this many of the most probable tokens (and their equals); 0 from all.</summary>
    public int? TopK { get; init; }

    /// <summary>Draws from the most probable tokens that together have this share of the probability, 0 to 1; one always counts.</summary>
    public double? TopP { get; init; }

    /// <summary>Draws from the tokens with at least this share of the largest probability, 0 to 1.</summary>
    public double? MinP { get; init; }

    /// <summary>Above 1: logits of tokens that the conversation has are divided by it where positive and multiplied where negative. At temperature 0 too.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>What logits of tokens lose that the answer has.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>What they lose for each time that the answer has them.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Which random numbers are drawn: the same seed gives the same answer, on every device and in every batch.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which of a seed's independent answers, for several to one question.</summary>
    public int Sequence { get; init; }

    /// <summary>Texts that end the answer and are no part of it, besides those of the model's own conversations.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>How many alternatives' log-probabilities to give with the log-probability of every token, 0 to 20; null gives none at all.</summary>
    public int? LogProbabilities { get; init; }
}
