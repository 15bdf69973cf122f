namespace MmKernels.Engine;

/// <summary>What a processor makes of a picture.</summary>
/// <param name="Steps">Each byte operation with its sizes and offsets.</param>
/// <param name="Shape">[tiles, 3, height, width].</param>
/// <param name="ValueHash">SHA-256 of the float32 values, little-endian.</param>
public sealed record EncoderInput(IReadOnlyList<string> Steps, Shape Shape, string ValueHash);
