using MmKernels.Runtime.Cpu.AheadOfTime;

namespace MmKernels.Runtime.Cpu;

/// <summary>How the CPU device executes.</summary>
public sealed record CpuOptions
{
    /// <summary>Worker threads, the caller's included; zero means one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>32-bit lanes of the vectors that kernels are compiled for: 16, 8 or 4; zero means what the processor runs best.</summary>
    public int Lanes { get; init; }

    /// <summary>
    /// Every access of memory is checked against the device's buffers and the kernel's own memory, and one that goes elsewhere is an error
    /// with its kernel, line and address instead of the end of the process. Costs time (see decision 034). The environment's MMK_CHECK=1 sets it.
    /// </summary>
    public bool Checked { get; init; } = Environment.GetEnvironmentVariable("MMK_CHECK") == "1";

    /// <summary>Time after which a launch is stopped with an error; null for none.</summary>
    public TimeSpan? LaunchLimit { get; init; }

    /// <summary>Code that was made ahead of time; the first that holds a kernel serves it, and what none holds is compiled, or interpreted where nothing can be.</summary>
    public IReadOnlyList<CpuCode> Code { get; init; } = [];
}
