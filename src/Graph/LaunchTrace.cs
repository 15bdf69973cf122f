namespace MmKernels.Graphs;

/// <summary>What one launch of a traced run took.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Output">The first tensor that it writes, with the stage's name where it has one.</param>
/// <param name="Milliseconds">From issue to completion.</param>
/// <param name="Operations">Additions and multiplications, as far as the op knew them while recording; 0 where it does not say.</param>
/// <param name="Bytes">Bytes of memory that it must read and write, all caches aside; negative where that depends on what tensors hold.</param>
public sealed record LaunchTrace(string Kernel, string Output, double Milliseconds, double Operations, double Bytes);
