namespace MmKernels.Engine;

/// <summary>One of several questions that are answered side by side, each in a conversation of its own.</summary>
/// <param name="Prompt">The question, or a whole prompt with <c>&lt;image&gt;</c> markers, as in <see cref="Session.AskAsync"/>.</param>
/// <param name="Pictures">The pictures that come with it.</param>
/// <param name="Options">How to answer.</param>
public sealed record Question(string Prompt, IReadOnlyList<Picture>? Pictures = null, GenerationOptions? Options = null)
{
    /// <summary>What the conversation begins with, for chat templates that know a system's role; null for what they begin with themselves.</summary>
    public string? System { get; init; }
}
