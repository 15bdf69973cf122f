namespace MmKernels.Engine;

/// <summary>What loading a model took.</summary>
public sealed record LoadStatistics
{
    /// <summary>From the call to a model that can be asked.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Bytes of all weights.</summary>
    public required long WeightBytes { get; init; }
}
