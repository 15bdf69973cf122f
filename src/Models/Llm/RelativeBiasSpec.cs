using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>
/// Learned biases by distance, one for each head, which all blocks share. Distances fall into buckets: short ones alone, longer ones by their logarithm.
/// </summary>
/// <remarks>source: Raffel et al. 2019, arXiv:1910.10683; transformers, T5Attention._relative_position_bucket.</remarks>
/// <param name="Name">The scope of the <c>weight</c> [Buckets, Heads].</param>
/// <param name="Heads">Heads of the queries.</param>
/// <param name="Buckets">Rows of the weight.</param>
/// <param name="MaxDistance">The distance from which on all fall into the last bucket.</param>
/// <param name="Bidirectional">Whether keys behind the query have half of the buckets; else they count as the query's own place.</param>
public sealed record RelativeBiasSpec(string Name, int Heads, int Buckets, int MaxDistance, bool Bidirectional) : ScoreSpec
{
    public override AttentionScores Load(Accelerator? accelerator, Scope w)
    {
        int[] rows = [.. Enumerable.Range(-MaxDistance, 2 * MaxDistance + 1).Select(Bucket)];
        return AttentionScores.Relative(w[Name].Gathered("weight", Buckets, Heads, rows));
    }

    /// <summary>The bucket of a distance, the key's position less the query's, with the single-precision roundings of the reference.</summary>
    public int Bucket(int distance)
    {
        int buckets = Bidirectional ? Buckets / 2 : Buckets, first = Bidirectional && distance > 0 ? buckets : 0;
        int length = Bidirectional ? Math.Abs(distance) : Math.Max(0, -distance), exact = buckets / 2;
        if (length < exact) return first + length;
        float share = MathF.Log((float)length / exact) / (float)Math.Log((double)MaxDistance / exact);
        return first + Math.Min(buckets - 1, exact + (int)(share * (buckets - exact)));
    }
}
