namespace MmKernels.Data.Tokenizers;

/// <summary>A token of a piece; the range counts the piece's code points.</summary>
internal readonly record struct PieceToken(int Id, int Start, int End);
