namespace MmKernels.Data.Preprocessing;

/// <summary>The grid choice of LLaVA-NeXT (select_best_resolution and _get_patch_output_size of its processor).</summary>
public static class AnyRes
{
    /// <summary>The candidate that keeps most of the picture's pixels, and of those the one that wastes least; the first wins ties.</summary>
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
