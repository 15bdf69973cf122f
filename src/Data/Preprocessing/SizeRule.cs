namespace MmKernels.Data.Preprocessing;

/// <summary>How the size after a resize follows from the size before it. All arithmetic is that of the reference processors, truncations included.</summary>
public abstract record SizeRule
{
    /// <summary>The size for a picture of <paramref name="width"/> x <paramref name="height"/>; 64 bits wide because it is not yet checked.</summary>
    internal abstract (long Width, long Height) Apply(int width, int height);
}

/// <summary>Exactly this size.</summary>
public sealed record ExactSize(int Width, int Height) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height) => (Width, Height);
}

/// <summary>The shorter side becomes <paramref name="Side"/>, the longer int(Side · long / short).</summary>
public sealed record ShortestEdge(int Side) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height)
    {
        long longer = (long)((double)((long)Side * Math.Max(width, height)) / Math.Min(width, height));
        return width <= height ? (Side, longer) : (longer, Side);
    }
}

/// <summary>The longer side becomes <paramref name="Side"/>; both sides are divided by max(h, w) / Side and rounded half to even (open_clip's "longest").</summary>
public sealed record LongestEdge(int Side) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height)
    {
        double scale = Math.Max((double)height / Side, (double)width / Side);
        return ((long)Math.Round(width / scale, MidpointRounding.ToEven), (long)Math.Round(height / scale, MidpointRounding.ToEven));
    }
}

/// <summary>Unchanged where it fits; else shrunk to fit, both sides truncated (Fuyu).</summary>
public sealed record ShrinkToFit(int Width, int Height) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height)
    {
        if (width <= Width && height <= Height) return (width, height);
        double scale = Math.Min((double)Height / height, (double)Width / width);
        return ((long)(width * scale), (long)(height * scale));
    }
}

/// <summary>The longer side at most <paramref name="Longest"/>, the other truncated at the picture's aspect; then both at least <paramref name="Shortest"/> (Idefics2).</summary>
public sealed record BetweenEdges(int Shortest, int Longest) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height)
    {
        double aspect = (double)width / height;
        long toWidth = width, toHeight = height;
        if (width >= height && width > Longest) (toWidth, toHeight) = (Longest, (long)(Longest / aspect));
        else if (height > width && height > Longest) (toWidth, toHeight) = ((long)(Longest * aspect), Longest);
        return (Math.Max(toWidth, Shortest), Math.Max(toHeight, Shortest));
    }
}

/// <summary>Both sides multiples of <paramref name="Factor"/>, their product between the two bounds, the aspect kept as well as that allows (Qwen2-VL's smart_resize).</summary>
public sealed record SmartResize(int Factor, long LeastPixels, long MostPixels) : SizeRule
{
    internal override (long Width, long Height) Apply(int width, int height)
    {
        double toWidth = Math.Round((double)width / Factor, MidpointRounding.ToEven) * Factor, toHeight = Math.Round((double)height / Factor, MidpointRounding.ToEven) * Factor;
        double pixels = (double)width * height;
        if (toWidth * toHeight > MostPixels)
        {
            double shrink = Math.Sqrt(pixels / MostPixels);
            (toWidth, toHeight) = (Math.Max(Factor, Math.Floor(width / shrink / Factor) * Factor), Math.Max(Factor, Math.Floor(height / shrink / Factor) * Factor));
        }
        else if (toWidth * toHeight < LeastPixels)
        {
            double grow = Math.Sqrt(LeastPixels / pixels);
            (toWidth, toHeight) = (Math.Ceiling(width * grow / Factor) * Factor, Math.Ceiling(height * grow / Factor) * Factor);
        }
        return ((long)toWidth, (long)toHeight);
    }
}
