using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A feed-forward part with its weights.</summary>
public abstract class Mlp
{
    /// <summary>x [.., hidden] -> [.., hidden], plus the residual where given.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">The block's input after its norm.</param>
    /// <param name="residual">What the result is added to.</param>
    /// <param name="project">Applies the linear maps.</param>
    /// <param name="stage">The beginning of the names of its stages.</param>
    public abstract Tensor Apply(Graph g, Tensor x, Tensor? residual, Projection project, string stage);
}
