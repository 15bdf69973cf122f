namespace MmKernels.Models;

/// <summary>A system as a value: its parts, where their weights are, and how a conversation becomes tokens. Parts that it lacks are null.</summary>
public sealed record ModelSpec
{
    /// <summary>For people.</summary>
    public required string System { get; init; }

    public VisionPart? Vision { get; init; }

    public TextPart? Text { get; init; }

    public ConnectorPart? Connector { get; init; }

    /// <summary>How the tokens of a picture's tiles stand in the prompt; null where a picture is one tile.</summary>
    public TokenLayout? Layout { get; init; }

    public LlmPart? Llm { get; init; }

    /// <summary>How a prompt with pictures becomes tokens; null where the model takes no pictures.</summary>
    public ImagePrompt? Images { get; init; }

    /// <summary>How conversations are written where the checkpoint has no template of its own; null takes the checkpoint's.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>Weights: folders or files, the first that has a name wins.</summary>
    public required IReadOnlyList<string> Weights { get; init; }
}
