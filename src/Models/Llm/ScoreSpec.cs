using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>What becomes of attention scores before softmax.</summary>
public abstract record ScoreSpec
{
    /// <summary>With its table on a device; null for a manifest.</summary>
    public abstract AttentionScores Load(Accelerator? accelerator);
}
