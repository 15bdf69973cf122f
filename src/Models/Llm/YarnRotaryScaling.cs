namespace MmKernels.Models;

/// <summary>
/// Pairs that turn slowly divided by a factor, fast ones kept, a line in between: from the pair that turns <paramref name="Fast"/> times within the trained
/// context to the one that turns <paramref name="Slow"/> times.
/// </summary>
/// <remarks>source: Peng et al. 2023, arXiv:2309.00071 (YaRN), as transformers has it.</remarks>
/// <param name="Base">The base of the frequencies.</param>
/// <param name="Factor">Of the context.</param>
/// <param name="Trained">The context that the model was trained on.</param>
/// <param name="Fast">Turns from which on a pair is kept.</param>
/// <param name="Slow">Turns up to which a pair is divided.</param>
/// <param name="Whole">Whether the line begins and ends at whole pairs.</param>
public sealed record YarnRotaryScaling(double Base, float Factor, int Trained, double Fast = 32, double Slow = 1, bool Whole = true) : RotaryScaling
{
    public override void Apply(Span<float> frequencies, int length)
    {
        int dims = 2 * frequencies.Length;
        double low = Pair(Fast, dims), high = Pair(Slow, dims);
        if (Whole) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dims - 1));
        if (low == high) high += 0.001;
        for (int j = 0; j < frequencies.Length; j++)
        {
            float divided = Math.Clamp((float)((j - low) / (high - low)), 0f, 1f), kept = 1f - divided;
            frequencies[j] = frequencies[j] / Factor * (1f - kept) + frequencies[j] * kept;
        }
    }

    /// <summary>The magnitude of sin and cos where the config names none.</summary>
    public static double Magnitude(double factor, double scale = 1) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

    /// <summary>The pair that turns that often within the trained context.</summary>
    private double Pair(double turns, int dims) => dims * Math.Log(Trained / (turns * 2 * Math.PI)) / (2 * Math.Log(Base));
}
