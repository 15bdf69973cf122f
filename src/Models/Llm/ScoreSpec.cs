using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>What becomes of attention scores before softmax.</summary>
public abstract record ScoreSpec
{
    /// <summary>With its table on a device.</summary>
    /// <param name="accelerator">The device; null for a manifest.</param>
    /// <param name="w">The scope that the names of its weights count from.</param>
    public abstract AttentionScores Load(Accelerator? accelerator, Scope w);
}
