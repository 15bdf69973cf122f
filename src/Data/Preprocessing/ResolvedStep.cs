using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>One operation on RGB bytes [height, width, 3] with every number known; host and device run the same ones.</summary>
public abstract record ResolvedStep(PixelSize In, PixelSize Out);

/// <summary>Two-pass resampling with the tables of <see cref="ResamplePasses"/>.</summary>
public sealed record ResolvedResize(PixelSize In, PixelSize Out, ResampleFilter Filter, ResamplePasses Passes) : ResolvedStep(In, Out)
{
    public override string ToString() => $"resize {In} to {Out}, {Filter.ToString().ToLowerInvariant()}{(Passes.VerticalFirst ? ", vertical pass first" : "")}";
}

/// <summary>
/// Output (x, y) is input (x + Left, y + Top) where that lies inside, else the three bytes of Fill: a crop (offsets of 0 or more),
/// a pad (0 or less) or both.
/// </summary>
public sealed record ResolvedWindow(PixelSize In, PixelSize Out, int Left, int Top, byte[] Fill) : ResolvedStep(In, Out)
{
    public override string ToString() => $"window {Out} at ({Left}, {Top}) of {In}, filled with {Fill[0]:x2}{Fill[1]:x2}{Fill[2]:x2}";
}
