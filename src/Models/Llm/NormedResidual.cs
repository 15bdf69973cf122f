using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>a = norm1(x), h = factor · a + attention(a); b = norm2(h), y = factor · b + mlp(b): ChatGLM, whose residual is the normed row.</summary>
/// <param name="Norm1">The scope of the norm before attention.</param>
/// <param name="Norm2">The scope of the norm before the MLP.</param>
/// <param name="Factor">Of the residual.</param>
public sealed record NormedResidual(string Norm1, string Norm2, float Factor) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden) => new Module(norm.Load(w[Norm1], hidden), norm.Load(w[Norm2], hidden), hidden, Factor);

    private sealed class Module(Norm norm1, Norm norm2, int hidden, float factor) : BlockResidual
    {
        private readonly float[] factors = [.. Enumerable.Repeat(factor, hidden)];

        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Tensor factors = g.Constant<float>(DType.F32, new Shape(hidden), this.factors);
            Tensor a = g.Name(norm1.Apply(g, x), $"{stage}.ln1");
            Tensor h = Residual.Add(g, g.Multiply(a, factors), residual => branches.Attend(a, residual), $"{stage}.attn");
            Tensor b = g.Name(norm2.Apply(g, h), $"{stage}.ln2");
            return branches.Feed(b, g.Multiply(b, factors));
        }
    }
}
