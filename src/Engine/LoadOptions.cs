namespace MmKernels.Engine;

/// <summary>How a model is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>cpu, interpreter or cuda:N.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Worker threads of the CPU device; 0 takes one per core.</summary>
    public int Threads { get; init; }
}
