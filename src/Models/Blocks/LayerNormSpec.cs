using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>y = (x - mean) / sqrt(variance + eps) · w + b: CLIP, GPT-2, OPT and their relatives; MPT and StableLM's heads have no b.</summary>
public sealed record LayerNormSpec(float Epsilon, bool Bias = true) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new Module(w.Weight("weight", hidden), Bias ? w.Weight("bias", hidden) : null, Epsilon);

    /// <summary>The norms of <paramref name="count"/> rows in turn, with the weights of as many numbered scopes.</summary>
    public Norm LoadStacked(Scope w, int count, int hidden)
        => new Module(w.Stacked("weight", count, hidden), Bias ? w.Stacked("bias", count, hidden) : null, Epsilon);

    private sealed class Module(Tensor weight, Tensor? bias, float epsilon) : Norm
    {
        public override Tensor Apply(Graph g, Tensor x) => g.LayerNorm(x, weight, bias, epsilon);
    }
}
