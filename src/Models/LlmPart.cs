namespace MmKernels.Models;

/// <summary>A language model, the places of its decoder and those of its head.</summary>
public sealed record LlmPart(LlmSpec Spec, IReadOnlyList<string> Names, IReadOnlyList<string> HeadNames);
