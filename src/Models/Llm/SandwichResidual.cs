using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>h = x + norm2(attention(norm1(x))), y = h + norm4(mlp(norm3(h))): Gemma 2.</summary>
/// <param name="Norm1">The scope of the norm before attention.</param>
/// <param name="Norm2">The scope of the norm after attention.</param>
/// <param name="Norm3">The scope of the norm before the MLP.</param>
/// <param name="Norm4">The scope of the norm after the MLP.</param>
public sealed record SandwichResidual(string Norm1, string Norm2, string Norm3, string Norm4) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden)
        => new Module(norm.Load(w[Norm1], hidden), norm.Load(w[Norm2], hidden), norm.Load(w[Norm3], hidden), norm.Load(w[Norm4], hidden));

    private sealed class Module(Norm norm1, Norm norm2, Norm norm3, Norm norm4) : BlockResidual
    {
        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Tensor attention = g.Name(branches.Attend(g.Name(norm1.Apply(g, x), $"{stage}.ln1"), null), $"{stage}.attn");
            Tensor h = g.Add(x, norm2.Apply(g, attention));
            return g.Add(h, norm4.Apply(g, branches.Feed(g.Name(norm3.Apply(g, h), $"{stage}.ln2"), null)));
        }
    }
}
