using MmKernels.Graphs;

namespace MmKernels.Tests.Kernels;

/// <summary>One use of an op: what goes in, what it records, what must come out. The harness checks everything else.</summary>
/// <param name="name">The op, its types and its sizes; unique.</param>
public sealed class KernelCase(string name)
{
    public string Name { get; } = name;

    public required Operand[] Operands { get; init; }

    /// <summary>Records the op and returns the tensors to check: its results, and the operands that it changes.</summary>
    public required Func<Graph, Tensor[], Tensor[]> Op { get; init; }

    /// <summary>The expected content of those tensors, in double precision.</summary>
    public required Func<Operand[], double[][]> Reference { get; init; }

    /// <summary>
    /// What the card allows the result to be away from an expected value, before the rounding to the storage type (which the harness adds);
    /// null where the result must be the reference rounded once.
    /// </summary>
    public Func<double, double>? Tolerance { get; init; }

    public override string ToString() => Name;
}
