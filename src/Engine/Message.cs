namespace MmKernels.Engine;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Text">What was said.</param>
/// <param name="Pictures">Pictures that come with it, before the text.</param>
/// <param name="IsComplete">True where the text is a whole prompt, which no template changes.</param>
internal sealed record Message(string Role, string Text, int Pictures = 0, bool IsComplete = false)
{
    public const string SystemRole = "system";

    public const string User = "user";

    public const string Assistant = "assistant";
}
