using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>What a connector made of pictures.</summary>
/// <param name="Tokens">Rows for the prompt, picture after picture, [images · tokensPerImage, LLM hidden]; null where it makes none.</param>
/// <param name="TokensPerImage">Rows of each picture.</param>
/// <param name="Memory">What hooks read, [images · memory, hidden]; null where there are none.</param>
public sealed record Visual(Tensor? Tokens, int TokensPerImage, Tensor? Memory = null);
