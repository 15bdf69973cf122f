using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A shipped kernel at a shape of its daily work, for measuring.</summary>
/// <param name="Name">The kernel, as <see cref="KernelCatalog.ShortName"/> says it, and the shape.</param>
/// <param name="Operations">Floating-point operations of a run; 0 for a kernel that moves data.</param>
/// <param name="Bytes">Bytes that a run must read and write at least.</param>
/// <param name="Record">Records one run, its inputs taken from the scope.</param>
public sealed record KernelWorkload(string Name, double Operations, double Bytes, Action<Graph, TensorScope> Record);
