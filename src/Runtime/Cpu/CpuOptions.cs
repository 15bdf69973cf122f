namespace MmKernels.Runtime.Cpu;

/// <summary>How the CPU device executes.</summary>
public sealed record CpuOptions
{
    /// <summary>Worker threads, the caller's included; zero means one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>32-bit lanes of the vectors that kernels are compiled for: 16, 8 or 4; zero means what the processor runs best.</summary>
    public int Lanes { get; init; }
}
