using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Scores fall linearly with the distance, with a slope of each head.</summary>
/// <remarks>source: Press et al. 2021, arXiv:2108.12409</remarks>
public sealed record AlibiSpec(IReadOnlyList<float> Slopes) : ScoreSpec
{
    public override AttentionScores Load(Accelerator? accelerator, Scope w)
    {
        var shape = new Shape(Slopes.Count);
        return AttentionScores.Alibi(accelerator is null ? Tensor.Declare(DType.F32, shape) : accelerator.Upload<float>(DType.F32, shape, Slopes.ToArray(), "alibi.slopes"));
    }
}
