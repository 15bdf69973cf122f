namespace MmKernels.Engine;

/// <summary>Where the time of an answer went.</summary>
public sealed record AnswerStatistics
{
    /// <summary>Tokens of the conversation before the answer, pictures included.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Those of them whose keys and values were still in the cache.</summary>
    public required int CachedTokens { get; init; }

    public required int NewTokens { get; init; }

    /// <summary>Decoding and encoding the new pictures.</summary>
    public required double ImageMilliseconds { get; init; }

    /// <summary>Reading the prompt.</summary>
    public required double PrefillMilliseconds { get; init; }

    /// <summary>All tokens after the first.</summary>
    public required double DecodeMilliseconds { get; init; }

    /// <summary>From the question to the first token.</summary>
    public required double FirstTokenMilliseconds { get; init; }

    /// <summary>Tokens after the first per second; 0 where there are none.</summary>
    public double TokensPerSecond => NewTokens > 1 && DecodeMilliseconds > 0 ? (NewTokens - 1) * 1000.0 / DecodeMilliseconds : 0;

    /// <summary>Bytes of intermediate values at the peak: of the pictures' encoder,</summary>
    public required long ImageArenaBytes { get; init; }

    /// <summary>of the prompt,</summary>
    public required long PrefillArenaBytes { get; init; }

    /// <summary>and of a token.</summary>
    public required long DecodeArenaBytes { get; init; }
}
