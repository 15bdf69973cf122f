using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>y = (x - mean) / sqrt(variance + eps) · w + b: CLIP, GPT-2, OPT and their relatives.</summary>
public sealed record LayerNormSpec(float Epsilon) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new Module(w.Weight("weight", hidden), w.Weight("bias", hidden), Epsilon);

    private sealed class Module(Tensor weight, Tensor bias, float epsilon) : Norm
    {
        public override Tensor Apply(Graph g, Tensor x) => g.LayerNorm(x, weight, bias, epsilon);
    }
}
