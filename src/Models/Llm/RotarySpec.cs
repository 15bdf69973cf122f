namespace MmKernels.Models;

/// <summary>Rotary positions: dimension j turns with dimension j + headDim/2, by position · f(j), f(j) = theta^(-2j/headDim) before scaling.</summary>
/// <remarks>source: Su et al. 2021, arXiv:2104.09864, in the half-rotation form of GPT-NeoX and LLaMA.</remarks>
public sealed record RotarySpec(double Theta, RotaryScaling? Scaling = null)
{
    /// <summary>f(j) of every pair of dimensions, with the single-precision roundings of the reference.</summary>
    public float[] InverseFrequencies(int headDim)
    {
        var frequencies = new float[headDim / 2];
        for (int j = 0; j < frequencies.Length; j++)
        {
            float frequency = 1f / (float)Math.Pow(Theta, 2f * j / headDim);
            frequencies[j] = Scaling?.Apply(frequency) ?? frequency;
        }
        return frequencies;
    }
}
