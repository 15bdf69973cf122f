namespace MmKernels.Models;

/// <summary>All positions divided by a factor.</summary>
public sealed record LinearRotaryScaling(float Factor) : RotaryScaling
{
    public override float Apply(float frequency) => frequency / Factor;
}
