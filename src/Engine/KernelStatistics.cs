namespace MmKernels.Engine;

/// <summary>The kernels of a model so far.</summary>
/// <param name="Count">Distinct kernels.</param>
/// <param name="Ready">Those that are compiled.</param>
/// <param name="FromDisk">Those whose PTX was on disk.</param>
/// <param name="Milliseconds">Time of compiling and loading them, summed over threads.</param>
public sealed record KernelStatistics(int Count, int Ready, int FromDisk, double Milliseconds);
