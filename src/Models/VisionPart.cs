namespace MmKernels.Models;

/// <summary>A vision encoder and the places where published layouts put its weights.</summary>
public sealed record VisionPart(VisionSpec Spec, params IReadOnlyList<string> Names);
