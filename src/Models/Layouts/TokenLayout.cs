using MmKernels.Data.Preprocessing;

namespace MmKernels.Models;

/// <summary>How the tokens of a picture's tiles are laid out in the prompt.</summary>
public abstract record TokenLayout
{
    /// <summary>Rows of the prompt that a picture fills.</summary>
    /// <param name="plan">How the picture was cut.</param>
    /// <param name="rows">Tokens of a tile from top to bottom.</param>
    /// <param name="columns">Tokens of a tile from left to right.</param>
    /// <exception cref="MmkException">MMK611: a cut that this layout does not know.</exception>
    public abstract int Tokens(ResolvedPlan plan, int rows, int columns);

    /// <summary>Asks the checkpoint's root for its weights.</summary>
    public abstract TokenLayoutModule Load(Scope root, LlmSpec llm);
}
