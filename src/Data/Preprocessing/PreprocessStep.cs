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

/// <summary>Cuts the picture into tiles; byte steps that follow act on every tile.</summary>
public sealed record TileStep(TilingRule Rule, ResampleFilter Filter) : PreprocessStep;

/// <summary>The four quarters, row by row (the right and lower ones take the odd pixel), then the whole picture (Idefics2's image splitting).</summary>
public sealed record QuartersStep : PreprocessStep;

/// <summary>Bytes times <paramref name="Factor"/>, in double, rounded to float32.</summary>
public sealed record RescaleStep(double Factor) : PreprocessStep;

/// <summary>(x - mean) / std per channel, each operation rounded to float32.</summary>
public sealed record NormalizeStep(float[] Mean, float[] Std) : PreprocessStep;
