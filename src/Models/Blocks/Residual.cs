using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>x + branch(h), where branch is a linear map.</summary>
internal static class Residual
{
    /// <summary>
    /// The addition is part of the map's kernel. Where a graph keeps its stages, the branch's own output is made and named first: the same additions
    /// in the same order, so the same bits in single precision.
    /// </summary>
    public static Tensor Add(Graph g, Tensor x, Linear linear, Tensor h, string stage)
        => Add(g, x, (residual) => linear.Apply(g, h, residual), stage);

    /// <inheritdoc cref="Add(Graph, Tensor, Linear, Tensor, string)"/>
    public static Tensor Add(Graph g, Tensor x, Func<Tensor?, Tensor> branch, string stage)
        => g.KeepsNamed ? g.Add(x, g.Name(branch(null), stage)) : branch(x);
}
