using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>h = x + attention(norm1(x)), y = h + mlp(norm2(h)): GPT-2, LLaMA and most others.</summary>
/// <param name="Norm1">The scope of the norm before attention.</param>
/// <param name="Norm2">The scope of the norm before the MLP.</param>
/// <param name="NamesSum">Whether attention's stage is h: BLOOM's attention adds its residual itself.</param>
public sealed record SerialResidual(string Norm1 = "input_layernorm", string Norm2 = "post_attention_layernorm", bool NamesSum = false) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden) => new Module(norm.Load(w[Norm1], hidden), norm.Load(w[Norm2], hidden), NamesSum);

    private sealed class Module(Norm norm1, Norm norm2, bool namesSum) : BlockResidual
    {
        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Tensor n = g.Name(norm1.Apply(g, x), $"{stage}.ln1");
            Tensor h = namesSum ? g.Name(branches.Attend(n, x), $"{stage}.attn") : Residual.Add(g, x, residual => branches.Attend(n, residual), $"{stage}.attn");
            return branches.Feed(g.Name(norm2.Apply(g, h), $"{stage}.ln2"), h);
        }
    }
}
