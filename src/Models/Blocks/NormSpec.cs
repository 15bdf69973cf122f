namespace MmKernels.Models;

/// <summary>Which normalisation a stack uses.</summary>
public abstract record NormSpec(float Epsilon)
{
    /// <summary>The norm of rows of <paramref name="hidden"/> elements with the weights of a scope.</summary>
    public abstract Norm Load(Scope w, int hidden);
}
