namespace MmKernels.Data.Tokenizers;

/// <summary>Before which pieces a mark is put: all, only the one at the start of the text, or none.</summary>
internal enum PrependScheme { Always, First, Never }
