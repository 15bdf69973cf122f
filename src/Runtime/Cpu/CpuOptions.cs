using MmKernels.Runtime.Cpu.AheadOfTime;

namespace MmKernels.Runtime.Cpu;

/// <summary>How the CPU device executes.</summary>
public sealed record CpuOptions
{
    /// <summary>Worker threads, the caller's included; zero means one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>32-bit lanes of the vectors that kernels are compiled for: 16, 8 or 4; zero means what the processor runs best.</summary>
    public int Lanes { get; init; }

    /// <summary>Code that was made ahead of time; the first that holds a kernel serves it, and what none holds is compiled, or interpreted where nothing can be.</summary>
    public IReadOnlyList<CpuCode> Code { get; init; } = [];
}
