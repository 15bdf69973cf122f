using MmKernels.Graphs;

namespace MmKernels.Models;

/// <summary>The results of a graph that chooses tokens.</summary>
/// <param name="Tokens">I32 [rows].</param>
/// <param name="LogProbabilities">F32 [rows, 1 + alternatives]: the chosen token's, then those of the most probable ones.</param>
/// <param name="Alternatives">I32 [rows, alternatives]: the most probable tokens.</param>
internal sealed record SampledTokens(Tensor Tokens, Tensor? LogProbabilities, Tensor? Alternatives);
