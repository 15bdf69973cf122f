using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>How the tokens of one answer are chosen; what is left out chooses the most probable one. The order in which these count is <see cref="SampleKernel"/>'s.</summary>
public sealed record TokenSampling
{
    /// <summary>Always the most probable token.</summary>
    public static readonly TokenSampling Greedy = new();

    /// <summary>0 takes the most probable token, 1 draws by the model's own probabilities.</summary>
    public float Temperature { get; init; }

    /// <summary>Tokens that are drawn from; 0 draws from all.</summary>
    public int TopK { get; init; }

    /// <summary>The share of the probability that is drawn from, the most probable tokens first.</summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Tokens below this share of the largest probability are not drawn.</summary>
    public float MinP { get; init; }

    /// <summary>Logits of tokens that prompt or answer have are divided by it where positive and multiplied where negative.</summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>What logits of tokens lose that the answer has.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>What they lose for each time.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Tokens that are never chosen.</summary>
    public IReadOnlyList<int> Suppressed { get; init; } = [];

    /// <summary>Which random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which of a seed's sequences of random numbers.</summary>
    public int Sequence { get; init; }

    /// <summary>How many alternatives' log-probabilities are wanted beside the chosen token's; null for none at all.</summary>
    public int? Alternatives { get; init; }

    /// <summary>Whether tokens of prompt and answer have to be noted.</summary>
    internal bool Penalises => RepetitionPenalty != 1f || PresencePenalty != 0f || FrequencyPenalty != 0f || Suppressed.Count > 0;

    /// <summary>Writes the numbers that the kernel reads.</summary>
    internal void Write(Span<float> chances, Span<int> choices)
    {
        chances[SamplingLayout.Temperature] = Temperature;
        chances[SamplingLayout.TopP] = TopP;
        chances[SamplingLayout.MinP] = MinP;
        chances[SamplingLayout.Repetition] = RepetitionPenalty;
        chances[SamplingLayout.Presence] = PresencePenalty;
        chances[SamplingLayout.Frequency] = FrequencyPenalty;
        choices[SamplingLayout.TopK] = TopK;
        choices[SamplingLayout.SeedLow] = unchecked((int)Seed);
        choices[SamplingLayout.SeedHigh] = unchecked((int)(Seed >> 32));
        choices[SamplingLayout.Sequence] = Sequence;
    }
}
