using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Applies a linear map of a block, or what a connector puts in its place.</summary>
public delegate Tensor Projection(Slot slot, Linear linear, Tensor x, Tensor? residual = null);

/// <summary>The feed-forward part of a block.</summary>
public abstract record MlpSpec(int Intermediate, Activation Activation, bool Bias)
{
    /// <summary>With the weights of a scope.</summary>
    public abstract Mlp Load(Scope w, int hidden);
}

/// <summary>down(f(gate(x)) · up(x)): LLaMA and its relatives.</summary>
public sealed record GatedMlpSpec(int Intermediate, Activation Activation, bool Bias = false) : MlpSpec(Intermediate, Activation, Bias)
{
    public override Mlp Load(Scope w, int hidden) => new GatedMlp(Activation,
        Linear.Load(w["gate_proj"], hidden, Intermediate, Bias), Linear.Load(w["up_proj"], hidden, Intermediate, Bias), Linear.Load(w["down_proj"], Intermediate, hidden, Bias));
}

/// <summary>fc2(f(fc1(x))): CLIP and GPT-2's relatives.</summary>
public sealed record PlainMlpSpec(int Intermediate, Activation Activation, bool Bias = true) : MlpSpec(Intermediate, Activation, Bias)
{
    public override Mlp Load(Scope w, int hidden)
        => new PlainMlp(Activation, Linear.Load(w["fc1"], hidden, Intermediate, Bias), Linear.Load(w["fc2"], Intermediate, hidden, Bias));
}

/// <summary>A feed-forward part with its weights.</summary>
public abstract class Mlp
{
    /// <summary>x [rows, hidden] -> [rows, hidden], plus the residual.</summary>
    /// <param name="stage">The beginning of the names of its stages.</param>
    public abstract Tensor Apply(Graph g, Tensor x, Tensor residual, Projection project, string stage);
}

/// <summary>The gated form.</summary>
public sealed class GatedMlp(Activation activation, Linear gate, Linear up, Linear down) : Mlp
{
    public override Tensor Apply(Graph g, Tensor x, Tensor residual, Projection project, string stage)
    {
        Tensor h = g.GatedActivation(project(Slot.Gate, gate, x), project(Slot.Up, up, x), activation);   // [rows, intermediate]
        return project(Slot.Down, down, g.Name(h, $"{stage}.mlp_act"), residual);
    }
}

/// <summary>The plain form.</summary>
public sealed class PlainMlp(Activation activation, Linear up, Linear down) : Mlp
{
    public override Tensor Apply(Graph g, Tensor x, Tensor residual, Projection project, string stage)
    {
        Tensor h = g.Activate(project(Slot.Up, up, x), activation);   // [rows, intermediate]
        return project(Slot.Down, down, g.Name(h, $"{stage}.mlp_act"), residual);
    }
}
