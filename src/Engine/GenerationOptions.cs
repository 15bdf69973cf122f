namespace MmKernels.Engine;

/// <summary>How an answer is made.</summary>
public sealed record GenerationOptions
{
    /// <summary>New tokens at most; null takes the checkpoint's own limit, or 256.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 takes the most probable token each time.</summary>
    public double Temperature { get; init; }

    /// <summary>Texts that end the answer and are no part of it, besides those of the model's own conversations.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];
}
