namespace MmKernels.Models;

/// <summary>The same weights for every head: Qwen 3, Persimmon.</summary>
public sealed record SharedHeadNormSpec(NormSpec Norm) : HeadNormSpec
{
    public override Norm Load(Scope w, int heads, int headDim) => Norm.Load(w, headDim);
}
