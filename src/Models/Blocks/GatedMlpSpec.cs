using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>down(f(gate(x)) · up(x)): LLaMA and its relatives.</summary>
public sealed record GatedMlpSpec(int Intermediate, Activation Activation, bool Bias = false) : MlpSpec(Intermediate, Activation, Bias)
{
    public LinearPlace Gate { get; init; } = "gate_proj";

    public LinearPlace Up { get; init; } = "up_proj";

    public LinearPlace Down { get; init; } = "down_proj";

    public override Mlp Load(Scope w, int hidden)
        => new Module(Activation, Gate.Load(w, hidden, Intermediate, Bias), Up.Load(w, hidden, Intermediate, Bias), Down.Load(w, Intermediate, hidden, Bias));

    private sealed class Module(Activation activation, Linear gate, Linear up, Linear down) : Mlp
    {
        public override Tensor Apply(Graph g, Tensor x, Tensor? residual, Projection project, string stage)
        {
            Tensor[] both = project.Apply(x, (Slot.Gate, gate), (Slot.Up, up));
            Tensor h = g.GatedActivation(both[0], both[1], activation);   // [.., intermediate]
            return project.Apply(Slot.Down, down, g.Name(h, $"{stage}.mlp_act"), residual);
        }
    }
}
