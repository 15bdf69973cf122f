using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Rotary positions: pair j of a head's first Dims dimensions turns by position · f(j), f(j) = theta^(-2j/Dims) before scaling.</summary>
/// <remarks>source: Su et al. 2021, arXiv:2104.09864.</remarks>
public sealed record RotarySpec(double Theta, int Dims, RotaryScaling? Scaling = null)
{
    /// <summary>Which dimensions are a pair.</summary>
    public RotaryPairs Pairs { get; init; } = RotaryPairs.Halves;

    /// <summary>Factor of sin and cos.</summary>
    public float Magnitude { get; init; } = 1f;

    /// <summary>2 where a head consists of two halves that turn by a position each (ChatGLM), else 1.</summary>
    public int Axes { get; init; } = 1;

    /// <summary>Writes f(j) of every pair, with the single-precision roundings of the reference.</summary>
    /// <param name="frequencies">Dims / 2 numbers.</param>
    /// <param name="length">Tokens of the sequence, for scalings that depend on them.</param>
    public void Frequencies(Span<float> frequencies, int length)
    {
        double theta = Scaling?.Theta(Theta, Dims, length) ?? Theta;
        for (int j = 0; j < frequencies.Length; j++) frequencies[j] = 1f / (float)Math.Pow(theta, 2f * j / Dims);
        Scaling?.Apply(frequencies, length);
    }
}
