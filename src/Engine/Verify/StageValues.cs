namespace MmKernels.Engine;

/// <summary>A stage's values.</summary>
internal sealed record StageValues(Shape Shape, float[] Values)
{
    /// <summary>These and more along the first dimension.</summary>
    public StageValues Then(StageValues more)
    {
        int[] dims = Shape.Dims.ToArray();
        dims[0] += more.Shape[0];
        return new StageValues(new Shape(dims), [.. Values, .. more.Values]);
    }
}
