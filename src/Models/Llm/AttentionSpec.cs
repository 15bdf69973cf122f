namespace MmKernels.Models;

/// <summary>Self-attention of a decoder block.</summary>
public sealed record AttentionSpec
{
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; each serves Heads / KvHeads query heads.</summary>
    public required int KvHeads { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>Factor of the scores, 1 / sqrt(HeadDim) where nothing else is said.</summary>
    public float Scale { get => field > 0 ? field : 1f / MathF.Sqrt(HeadDim); init; }

    /// <summary>How queries and keys turn by their positions, if they do.</summary>
    public RotarySpec? Rotary { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    public HeadNormSpec? HeadNorm { get; init; }

    /// <summary>Which layers see only the last keys.</summary>
    public AttentionWindow? Window { get; init; }

    /// <summary>What becomes of the scores.</summary>
    public ScoreSpec? Scores { get; init; }

    /// <summary>The context beyond which queries grow with the logarithm of their position (Qwen 1).</summary>
    public int? LogPositions { get; init; }

    /// <summary>Whether the maps to queries, keys and values have biases.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Whether the map of the heads' outputs has a bias.</summary>
    public bool OutputBias { get; init; }
}
