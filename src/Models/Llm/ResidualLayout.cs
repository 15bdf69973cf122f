using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>How a block puts its branches, attention and MLP, and its norms together. Each layout names its norms' scopes below the block.</summary>
public abstract record ResidualLayout
{
    /// <summary>With the norms' weights.</summary>
    internal abstract BlockResidual Load(Scope w, NormSpec norm, int hidden);
}

/// <summary>A layout with its norms.</summary>
internal abstract class BlockResidual
{
    /// <summary>x [tokens, hidden] -> [tokens, hidden].</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">The block's input.</param>
    /// <param name="branches">What it adds to it.</param>
    /// <param name="stage">The beginning of the names of its stages.</param>
    public abstract Tensor Apply(Graph g, Tensor x, Branches branches, string stage);
}
