namespace MmKernels.Models;

/// <summary>A table of positions that is added to the embeddings: GPT-2, OPT.</summary>
/// <param name="Name">Its scope below the decoder.</param>
/// <param name="Rows">Positions.</param>
/// <param name="Offset">Rows of the table before that of position 0.</param>
public sealed record LearnedPositions(string Name, int Rows, int Offset = 0);
