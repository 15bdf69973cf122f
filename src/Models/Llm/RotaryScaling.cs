namespace MmKernels.Models;

/// <summary>How a model's positions were stretched beyond what it was first trained on.</summary>
public abstract record RotaryScaling
{
    /// <summary>A scaled frequency.</summary>
    public abstract float Apply(float frequency);
}
