using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Which normalisation a stack uses.</summary>
public abstract record NormSpec(float Epsilon)
{
    /// <summary>The norm of rows of <paramref name="hidden"/> elements with the weights of a scope.</summary>
    public abstract Norm Load(Scope w, int hidden);
}

/// <summary>Root mean square, no bias: LLaMA and its relatives.</summary>
public sealed record RmsNormSpec(float Epsilon) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new RmsNorm(w.Weight("weight", hidden), Epsilon);
}

/// <summary>Mean and variance, weight and bias: CLIP, GPT-2, OPT and their relatives.</summary>
public sealed record LayerNormSpec(float Epsilon) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new LayerNorm(w.Weight("weight", hidden), w.Weight("bias", hidden), Epsilon);
}

/// <summary>A normalisation with its weights.</summary>
public abstract class Norm
{
    /// <summary>x [rows, hidden] -> [rows, hidden].</summary>
    public abstract Tensor Apply(Graph g, Tensor x);
}

/// <summary>y = x · w / sqrt(mean(x²) + eps).</summary>
public sealed class RmsNorm(Tensor weight, float epsilon) : Norm
{
    public override Tensor Apply(Graph g, Tensor x) => g.RmsNorm(x, weight, epsilon);
}

/// <summary>y = (x - mean) / sqrt(variance + eps) · w + b.</summary>
public sealed class LayerNorm(Tensor weight, Tensor bias, float epsilon) : Norm
{
    public override Tensor Apply(Graph g, Tensor x) => g.LayerNorm(x, weight, bias, epsilon);
}
