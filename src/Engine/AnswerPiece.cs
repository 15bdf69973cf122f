namespace MmKernels.Engine;

/// <summary>A piece of one of several answers.</summary>
/// <param name="Question">The index of the question.</param>
/// <param name="Text">More of its answer's text; may be empty in the last piece.</param>
/// <param name="Answer">The whole answer, in its last piece.</param>
public sealed record AnswerPiece(int Question, string Text, Answer? Answer);
