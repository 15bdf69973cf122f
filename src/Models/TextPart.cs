namespace MmKernels.Models;

/// <summary>A text encoder and the places where published layouts put its weights.</summary>
public sealed record TextPart(ClipTextSpec Spec, params IReadOnlyList<string> Names);
