namespace MmKernels.Data.Images.Png;

/// <summary>The colour types of IHDR.</summary>
internal enum PngColour : byte
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}
