using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>The feed-forward part of a block.</summary>
public abstract record MlpSpec(int Intermediate, Activation Activation, bool Bias)
{
    /// <summary>With the weights of a scope.</summary>
    public abstract Mlp Load(Scope w, int hidden);
}
