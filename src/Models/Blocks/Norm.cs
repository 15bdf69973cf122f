using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A normalisation with its weights.</summary>
public abstract class Norm
{
    /// <summary>x [.., hidden] -> [.., hidden].</summary>
    public abstract Tensor Apply(Graph g, Tensor x);
}
