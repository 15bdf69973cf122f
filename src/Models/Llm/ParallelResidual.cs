using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>y = x + attention(norm1(x)) + mlp(norm2(x)): GPT-NeoX; GPT-J, Phi and StableLM-2-12B have one norm for both.</summary>
/// <param name="Norm1">The scope of the norm before attention.</param>
/// <param name="Norm2">The scope of the norm before the MLP; null where it is the same norm.</param>
public sealed record ParallelResidual(string Norm1 = "input_layernorm", string? Norm2 = null) : ResidualLayout
{
    internal override BlockResidual Load(Scope w, NormSpec norm, int hidden)
        => new Module(norm.Load(w[Norm1], hidden), Norm2 is null ? null : norm.Load(w[Norm2], hidden));

    private sealed class Module(Norm norm1, Norm? norm2) : BlockResidual
    {
        public override Tensor Apply(Graph g, Tensor x, Branches branches, string stage)
        {
            Tensor n = g.Name(norm1.Apply(g, x), $"{stage}.ln1");
            Tensor m = norm2 is null ? n : g.Name(norm2.Apply(g, x), $"{stage}.ln2");
            return branches.Feed(m, Residual.Add(g, x, residual => branches.Attend(n, residual), $"{stage}.attn"));
        }
    }
}
