using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Scores kept between -cap and cap by a tanh: Gemma 2.</summary>
public sealed record SoftCapSpec(float Cap) : ScoreSpec
{
    public override AttentionScores Load(Accelerator? accelerator, Scope w) => AttentionScores.SoftCap(Cap);
}
