using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>The log-probabilities of the newest token of every row and of the most probable ones in its place, as the host has read them.</summary>
public sealed class TokenAlternatives
{
    private readonly float[] values;
    private readonly int[] tokens;
    private readonly int count;

    internal TokenAlternatives(int rows, int count) => (this.count, values, tokens) = (count, new float[rows * (1 + count)], new int[rows * count]);

    /// <summary>Copies them from the device.</summary>
    internal void Read(Accelerator accelerator, SampledTokens sampled)
    {
        accelerator.Read(sampled.LogProbabilities!, values.AsSpan());
        if (count > 0) accelerator.Read(sampled.Alternatives!, tokens.AsSpan());
    }

    /// <summary>Of a row: the chosen token's, then those of <see cref="Tokens"/>.</summary>
    public ReadOnlySpan<float> Values(int row) => values.AsSpan(row * (1 + count), 1 + count);

    /// <summary>The most probable tokens of a row, in order.</summary>
    public ReadOnlySpan<int> Tokens(int row) => tokens.AsSpan(row * count, count);
}
