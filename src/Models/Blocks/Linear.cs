using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>y = x · Wᵀ + b.</summary>
/// <param name="Weight">[outputs, inputs], as stored.</param>
/// <param name="Bias">[outputs], or none.</param>
public sealed record Linear(Tensor Weight, Tensor? Bias)
{
    /// <summary><c>weight</c> and, where wanted, <c>bias</c> of a scope.</summary>
    public static Linear Load(Scope w, int inputs, int outputs, bool bias) => new(w.Weight("weight", outputs, inputs), bias ? w.Weight("bias", outputs) : null);

    /// <summary>x [.., inputs] -> [.., outputs], plus residual [.., outputs] where given.</summary>
    public Tensor Apply(Graph g, Tensor x, Tensor? residual = null) => g.Linear(x, Weight, Bias, residual);

    /// <summary>x [sequences, inputs], one row of each, -> [sequences, outputs]: every row has the bits that it has alone.</summary>
    public Tensor ApplyEach(Graph g, Tensor x) => Apply(g, x.Reshape(x.Shape[0], 1, x.Shape[1])).Reshape(x.Shape[0], Weight.Shape[0]);
}
