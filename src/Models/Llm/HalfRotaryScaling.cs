namespace MmKernels.Models;

/// <summary>Frequencies rounded to half precision, as ChatGLM keeps them.</summary>
public sealed record HalfRotaryScaling : RotaryScaling
{
    public override void Apply(Span<float> frequencies, int length)
    {
        foreach (ref float frequency in frequencies) frequency = (float)(Half)frequency;
    }
}
