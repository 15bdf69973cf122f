namespace MmKernels.Models;

/// <summary>The encoder of an encoder–decoder model: it reads the prompt in both directions, the decoder looks at what it made of it.</summary>
public sealed record EncoderSpec
{
    public required int Layers { get; init; }

    public required TransformerSpec Transformer { get; init; }

    /// <summary>What becomes of the scores of its attention.</summary>
    public required ScoreSpec Scores { get; init; }

    /// <summary>Below the model: the numbered blocks.</summary>
    public required string Blocks { get; init; }

    /// <summary>Below the model: the norm after the last block.</summary>
    public required string Norm { get; init; }

    /// <summary>The token that the decoder begins with.</summary>
    public required int StartToken { get; init; }

    /// <summary>How the decoder's blocks look at the encoder's states.</summary>
    public required CrossAttentionSpec Cross { get; init; }
}
