using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>h = norm1(x + attention(x)), y = norm2(h + mlp(h)): OPT-350m.</summary>
/// <param name="Norm1">The scope of the norm after attention.</param>
/// <param name="Norm2">The scope of the norm after the MLP.</param>
public sealed record PostNormResidual(string Norm1, string Norm2) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden) => new Module(norm.Load(w[Norm1], hidden), norm.Load(w[Norm2], hidden));

    private sealed class Module(Norm norm1, Norm norm2) : BlockResidual
    {
        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Tensor h = g.Name(norm1.Apply(g, Residual.Add(g, x, residual => branches.Attend(x, residual), $"{stage}.attn")), $"{stage}.ln1");
            return norm2.Apply(g, branches.Feed(h, h));
        }
    }
}
