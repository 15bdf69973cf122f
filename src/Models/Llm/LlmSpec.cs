namespace MmKernels.Models;

/// <summary>A decoder-only language model as a value.</summary>
public sealed record LlmSpec
{
    /// <summary>Rows of the embedding table and of the head.</summary>
    public required int Vocabulary { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    /// <summary>Positions that the model was made for.</summary>
    public required int Context { get; init; }

    public required NormSpec Norm { get; init; }

    public required AttentionSpec Attention { get; init; }

    public required MlpSpec Mlp { get; init; }

    /// <summary>Whether the head is the embedding table.</summary>
    public required bool TiedHead { get; init; }
}
