using MmKernels.Data.Preprocessing;
using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>A layout with its weights.</summary>
public abstract class TokenLayoutModule
{
    /// <summary>Records the layout of one picture.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="tokens">What the connector made of its tiles, [tiles · rows · columns, hidden].</param>
    /// <param name="plan">How the picture was cut.</param>
    /// <param name="rows">Tokens of a tile from top to bottom.</param>
    /// <param name="columns">Tokens of a tile from left to right.</param>
    /// <returns>[<see cref="TokenLayout.Tokens"/>, hidden].</returns>
    public abstract Tensor Arrange(Graph g, Tensor tokens, ResolvedPlan plan, int rows, int columns);
}
