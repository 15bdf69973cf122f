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

/// <summary>How a model's positions were stretched beyond what it was first trained on.</summary>
public abstract record RotaryScaling
{
    /// <summary>A scaled frequency.</summary>
    public abstract float Apply(float frequency);
}

/// <summary>All positions divided by a factor.</summary>
public sealed record LinearRotaryScaling(float Factor) : RotaryScaling
{
    public override float Apply(float frequency) => frequency / Factor;
}

/// <summary>Long wavelengths divided by a factor, short ones kept, those between interpolated.</summary>
/// <remarks>source: Llama 3.1, as transformers has it (rope_type llama3).</remarks>
public sealed record Llama3RotaryScaling(float Factor, float LowFactor, float HighFactor, int OriginalContext) : RotaryScaling
{
    public override float Apply(float frequency)
    {
        float wavelength = 2f * MathF.PI / frequency;
        if (wavelength > OriginalContext / LowFactor) return frequency / Factor;
        if (wavelength < OriginalContext / HighFactor) return frequency;
        float smooth = (OriginalContext / wavelength - LowFactor) / (HighFactor - LowFactor);
        return (1f - smooth) * frequency / Factor + smooth * frequency;
    }
}
