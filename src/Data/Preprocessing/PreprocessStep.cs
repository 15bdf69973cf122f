using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>One step of a <see cref="PreprocessPlan"/>, before the size of the picture is known.</summary>
public abstract record PreprocessStep;

/// <summary>To R, G, B.</summary>
public sealed record ConvertRgbStep(AlphaRule Alpha) : PreprocessStep;

/// <summary>To the size that <paramref name="Size"/> gives for the picture.</summary>
public sealed record ResizeStep(SizeRule Size, ResampleFilter Filter) : PreprocessStep;

/// <summary>The middle <paramref name="Width"/> x <paramref name="Height"/>; a smaller picture is padded with zero bytes.</summary>
public sealed record CenterCropStep(int Width, int Height, CropRounding Rounding) : PreprocessStep;

/// <summary>A square of the longer side with the picture in the middle (rounded up and left).</summary>
public sealed record ExpandToSquareStep(byte[] Fill) : PreprocessStep;

/// <summary>Pads to at least <paramref name="Width"/> x <paramref name="Height"/>; the picture stays top left, or in the middle where <paramref name="Centred"/>.</summary>
public sealed record PadStep(int Width, int Height, byte[] Fill, bool Centred) : PreprocessStep;

/// <summary>
/// LLaVA-NeXT's AnyRes: the picture squeezed to one tile, then the tiles of the picture fitted and padded to the best of the
/// <paramref name="Pinpoints"/>, row by row.
/// </summary>
public sealed record AnyResStep(int TileSide, PixelSize[] Pinpoints, ResampleFilter Filter) : PreprocessStep;

/// <summary>Bytes times <paramref name="Factor"/>, in double, rounded to float32.</summary>
public sealed record RescaleStep(double Factor) : PreprocessStep;

/// <summary>(x - mean) / std per channel, each operation rounded to float32.</summary>
public sealed record NormalizeStep(float[] Mean, float[] Std) : PreprocessStep;
