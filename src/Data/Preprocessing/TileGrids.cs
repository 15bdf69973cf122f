namespace MmKernels.Data.Preprocessing;

/// <summary>Grids of a number of tiles, and how a picture fits into one.</summary>
internal static class TileGrids
{
    /// <summary>All (columns, rows) whose product is <paramref name="tiles"/>, columns ascending.</summary>
    public static IEnumerable<(int Columns, int Rows)> Of(int tiles)
    {
        for (int columns = 1; columns <= tiles; columns++)
            if (tiles % columns == 0) yield return (columns, tiles / columns);
    }

    /// <summary>The candidate that keeps most of the picture's pixels, and of those the one that wastes least; the first wins ties (LLaVA-NeXT's select_best_resolution).</summary>
    public static PixelSize Select(PixelSize picture, ReadOnlySpan<PixelSize> candidates)
    {
        PixelSize best = candidates[0];
        long bestEffective = -1, leastWasted = long.MaxValue;
        foreach (PixelSize candidate in candidates)
        {
            double scale = Math.Min((double)candidate.Width / picture.Width, (double)candidate.Height / picture.Height);
            long scaled = (long)(picture.Width * scale) * (long)(picture.Height * scale);
            long effective = Math.Min(scaled, (long)picture.Width * picture.Height);
            long wasted = (long)candidate.Width * candidate.Height - effective;
            if (effective > bestEffective || (effective == bestEffective && wasted < leastWasted))
                (best, bestEffective, leastWasted) = (candidate, effective, wasted);
        }
        return best;
    }

    /// <summary>The picture's size within <paramref name="canvas"/> at its own aspect: one side fills, the other is rounded up.</summary>
    public static PixelSize Fit(PixelSize picture, PixelSize canvas)
    {
        double scaleWidth = (double)canvas.Width / picture.Width, scaleHeight = (double)canvas.Height / picture.Height;
        return scaleWidth < scaleHeight
            ? new PixelSize(canvas.Width, Math.Min((int)Math.Ceiling(picture.Height * scaleWidth), canvas.Height))
            : new PixelSize(Math.Min((int)Math.Ceiling(picture.Width * scaleHeight), canvas.Width), canvas.Height);
    }
}
