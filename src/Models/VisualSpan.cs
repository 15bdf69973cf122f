namespace MmKernels.Models;

/// <summary>A stretch of rows of one picture.</summary>
/// <param name="Start">The first row of the prompt that it fills.</param>
/// <param name="Image">Index of the picture among those of the prompt.</param>
/// <param name="Tokens">Number of rows.</param>
public readonly record struct VisualSpan(int Start, int Image, int Tokens);
