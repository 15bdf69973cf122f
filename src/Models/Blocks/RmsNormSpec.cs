using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>y = x · w / sqrt(mean(x²) + eps): LLaMA and its relatives.</summary>
public sealed record RmsNormSpec(float Epsilon) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new Module(w.Weight("weight", hidden), Epsilon);

    private sealed class Module(Tensor weight, float epsilon) : Norm
    {
        public override Tensor Apply(Graph g, Tensor x) => g.RmsNorm(x, weight, epsilon);
    }
}
