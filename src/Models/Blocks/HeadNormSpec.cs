using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A norm of every head's queries or keys before they turn by their positions.</summary>
public abstract record HeadNormSpec
{
    /// <summary>With the weights of a scope.</summary>
    public abstract Norm Load(Scope w, int heads, int headDim);

    /// <summary>x [.., heads · headDim] -> the same, every head normalised by itself.</summary>
    internal static Tensor Apply(Graph g, Norm norm, Tensor x, int heads)
        => norm.Apply(g, x.Reshape([.. x.Shape.Dims[..^1], heads, x.Shape[^1] / heads])).Reshape(x.Shape.Dims);
}
