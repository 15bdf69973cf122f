namespace MmKernels.Engine;

/// <summary>A stage's values.</summary>
internal sealed record StageValues(Shape Shape, float[] Values);
