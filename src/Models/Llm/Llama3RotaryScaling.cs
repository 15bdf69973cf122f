namespace MmKernels.Models;

/// <summary>Long wavelengths divided by a factor, short ones kept, those between interpolated.</summary>
/// <remarks>source: Llama 3.1, as transformers has it (rope_type llama3).</remarks>
public sealed record Llama3RotaryScaling(float Factor, float LowFactor, float HighFactor, int OriginalContext) : RotaryScaling
{
    public override void Apply(Span<float> frequencies, int length)
    {
        foreach (ref float frequency in frequencies) frequency = Scaled(frequency);
    }

    private float Scaled(float frequency)
    {
        float wavelength = 2f * MathF.PI / frequency;
        if (wavelength > OriginalContext / LowFactor) return frequency / Factor;
        if (wavelength < OriginalContext / HighFactor) return frequency;
        float smooth = (OriginalContext / wavelength - LowFactor) / (HighFactor - LowFactor);
        return (1f - smooth) * frequency / Factor + smooth * frequency;
    }
}
