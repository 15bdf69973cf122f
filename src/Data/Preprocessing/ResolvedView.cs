namespace MmKernels.Data.Preprocessing;

/// <summary>
/// A chain of steps from the source picture to a canvas, which is then cut into <paramref name="Rows"/> x <paramref name="Columns"/> equal tiles
/// (1 x 1 for most processors), row by row.
/// </summary>
public sealed record ResolvedView(IReadOnlyList<ResolvedStep> Steps, PixelSize Canvas, int Rows, int Columns)
{
    /// <summary>The size of one tile.</summary>
    public PixelSize Tile => new(Canvas.Width / Columns, Canvas.Height / Rows);

    /// <summary>[tiles, 3, height, width] of this view alone.</summary>
    public Shape OutputShape => new(Rows * Columns, 3, Tile.Height, Tile.Width);
}
