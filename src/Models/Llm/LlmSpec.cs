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

/// <summary>Self-attention of a decoder block.</summary>
public sealed record AttentionSpec
{
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; each serves Heads / KvHeads query heads.</summary>
    public required int KvHeads { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>Factor of the scores.</summary>
    public float Scale => 1f / MathF.Sqrt(HeadDim);

    public required RotarySpec Rotary { get; init; }

    /// <summary>Whether the maps to queries, keys and values have biases.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Whether the map of the heads' outputs has a bias.</summary>
    public bool OutputBias { get; init; }
}
