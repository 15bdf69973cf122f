using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>h = x + attention(norm1(x)), c = h + cross(norm2(h)), y = c + mlp(norm3(c)): T5's decoder, in which cross looks at the encoder's states.</summary>
/// <param name="Norm1">The scope of the norm before attention.</param>
/// <param name="Norm2">The scope of the norm before the attention to the encoder's states.</param>
/// <param name="Norm3">The scope of the norm before the MLP.</param>
public sealed record CrossedResidual(string Norm1, string Norm2, string Norm3) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden) => new Module(norm.Load(w[Norm1], hidden), norm.Load(w[Norm2], hidden), norm.Load(w[Norm3], hidden));

    private sealed class Module(Norm norm1, Norm norm2, Norm norm3) : BlockResidual
    {
        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Branch look = branches.Look ?? throw new InvalidOperationException("the model has no encoder");
            Tensor h = Residual.Add(g, x, residual => branches.Attend(g.Name(norm1.Apply(g, x), $"{stage}.ln1"), residual), $"{stage}.attn");
            Tensor c = Residual.Add(g, h, residual => look(g.Name(norm2.Apply(g, h), $"{stage}.ln_cross"), residual), $"{stage}.cross_attn");
            return branches.Feed(g.Name(norm3.Apply(g, c), $"{stage}.ln2"), c);
        }
    }
}
