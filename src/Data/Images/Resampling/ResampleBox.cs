namespace MmKernels.Data.Images;

/// <summary>The part of a picture that a resize reads, in pixels; fractions are allowed. Float32, because Pillow rounds it so.</summary>
public readonly record struct ResampleBox(float Left, float Top, float Right, float Bottom);
