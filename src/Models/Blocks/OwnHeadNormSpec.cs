namespace MmKernels.Models;

/// <summary>Weights of its own for each head, numbered in <c>norms</c>: StableLM 2.</summary>
public sealed record OwnHeadNormSpec(LayerNormSpec Norm) : HeadNormSpec
{
    public override Norm Load(Scope w, int heads, int headDim) => Norm.LoadStacked(w["norms"], heads, headDim);
}
