namespace MmKernels.Models;

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
