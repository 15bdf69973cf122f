namespace MmKernels.Engine;

/// <summary>A complete answer.</summary>
/// <param name="Text">Without special tokens.</param>
/// <param name="Tokens">The generated ids, with the closing one where the model closed the answer.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Statistics">Where the time went.</param>
public sealed record Answer(string Text, IReadOnlyList<int> Tokens, StopReason Stop, AnswerStatistics Statistics)
{
    /// <summary>How probable each of <see cref="Tokens"/> was, where <see cref="GenerationOptions.LogProbabilities"/> asked for it; else empty.</summary>
    public IReadOnlyList<TokenProbability> Probabilities { get; init; } = [];
}
