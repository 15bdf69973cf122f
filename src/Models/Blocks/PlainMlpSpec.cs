using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>fc2(f(fc1(x))): CLIP and GPT-2's relatives.</summary>
public sealed record PlainMlpSpec(int Intermediate, Activation Activation, bool Bias = true) : MlpSpec(Intermediate, Activation, Bias)
{
    public override Mlp Load(Scope w, int hidden)
        => new Module(Activation, Linear.Load(w["fc1"], hidden, Intermediate, Bias), Linear.Load(w["fc2"], Intermediate, hidden, Bias));

    private sealed class Module(Activation activation, Linear up, Linear down) : Mlp
    {
        public override Tensor Apply(Graph g, Tensor x, Tensor residual, Projection project, string stage)
        {
            Tensor h = g.Activate(project(Slot.Up, up, x), activation);   // [.., intermediate]
            return project(Slot.Down, down, g.Name(h, $"{stage}.mlp_act"), residual);
        }
    }
}
