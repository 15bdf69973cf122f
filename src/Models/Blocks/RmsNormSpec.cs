using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>y = x · (offset + w) / sqrt(mean(x²) + eps): LLaMA and its relatives with offset 0, Gemma with 1.</summary>
public sealed record RmsNormSpec(float Epsilon, float Offset = 0f) : NormSpec(Epsilon)
{
    public override Norm Load(Scope w, int hidden) => new Module(w.Weight("weight", hidden), Epsilon, Offset);

    private sealed class Module(Tensor weight, float epsilon, float offset) : Norm
    {
        public override Tensor Apply(Graph g, Tensor x) => g.RmsNorm(x, weight, epsilon, offset);
    }
}
