namespace MmKernels.Data.Tokenizers;

/// <summary>What becomes of the matches of a pattern that splits.</summary>
internal enum SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous }
