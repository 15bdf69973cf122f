namespace MmKernels.Engine;

/// <summary>Why an answer ended.</summary>
public enum StopReason
{
    /// <summary>The model closed it.</summary>
    EndToken,

    /// <summary>The limit of new tokens.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,

    Cancelled,
}

/// <summary>A complete answer.</summary>
/// <param name="Text">Without special tokens.</param>
/// <param name="Tokens">The generated ids, with the closing one where the model closed the answer.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Statistics">Where the time went.</param>
public sealed record Answer(string Text, IReadOnlyList<int> Tokens, StopReason Stop, AnswerStatistics Statistics);

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

    /// <summary>Largest arena of intermediate values, in bytes.</summary>
    public required long ArenaBytes { get; init; }
}

/// <summary>What loading a model took.</summary>
public sealed record LoadStatistics
{
    /// <summary>From the call to a model that can be asked.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Bytes of all weights.</summary>
    public required long WeightBytes { get; init; }
}

/// <summary>The kernels of a model so far.</summary>
/// <param name="Count">Distinct kernels.</param>
/// <param name="FromDisk">Those whose PTX was on disk.</param>
/// <param name="Milliseconds">Time of compiling and loading them, summed over threads.</param>
public sealed record KernelStatistics(int Count, int FromDisk, double Milliseconds);
