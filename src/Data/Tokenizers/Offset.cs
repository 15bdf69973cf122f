namespace MmKernels.Data.Tokenizers;

/// <summary>A range of the original text in code points; <paramref name="End"/> is exclusive.</summary>
public readonly record struct Offset(int Start, int End);
