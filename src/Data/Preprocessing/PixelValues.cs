namespace MmKernels.Data.Preprocessing;

/// <summary>What an encoder eats: float32 <paramref name="Values"/> of the shape <paramref name="Shape"/>, [tiles, 3, height, width], and how they were made.</summary>
public sealed record PixelValues(float[] Values, Shape Shape, ResolvedPlan Plan);
