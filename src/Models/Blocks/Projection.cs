using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>Applies a linear map of a block, or what a connector puts in its place.</summary>
public delegate Tensor Projection(Slot slot, Linear linear, Tensor x, Tensor? residual = null);
