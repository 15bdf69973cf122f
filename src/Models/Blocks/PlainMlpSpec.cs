using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>down(f(up(x))): CLIP and GPT-2's relatives.</summary>
public sealed record PlainMlpSpec(int Intermediate, Activation Activation, bool Bias = true) : MlpSpec(Intermediate, Activation, Bias)
{
    public LinearPlace Up { get; init; } = "fc1";

    public LinearPlace Down { get; init; } = "fc2";

    public override Mlp Load(Scope w, int hidden) => new Module(Activation, Up.Load(w, hidden, Intermediate, Bias), Down.Load(w, Intermediate, hidden, Bias));

    private sealed class Module(Activation activation, Linear up, Linear down) : Mlp
    {
        public override Tensor Apply(Graph g, Tensor x, Tensor? residual, Projection project, string stage)
        {
            Tensor h = g.Activate(project.Apply(Slot.Up, up, x), activation);   // [.., intermediate]
            return project.Apply(Slot.Down, down, g.Name(h, $"{stage}.mlp_act"), residual);
        }
    }
}
