namespace MmKernels.Models;

/// <summary>All positions divided by a factor.</summary>
public sealed record LinearRotaryScaling(float Factor) : RotaryScaling
{
    public override void Apply(Span<float> frequencies, int length)
    {
        foreach (ref float frequency in frequencies) frequency /= Factor;
    }
}
