namespace MmKernels.Data;

/// <summary>All tensors of one storage format together.</summary>
public sealed record FormatSummary(string Format, int Tensors, long Elements, long Bytes);
