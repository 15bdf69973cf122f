namespace MmKernels.Models;

/// <summary>What a graph that chooses tokens does besides choosing.</summary>
/// <param name="Penalises">Whether tokens are noted and penalised.</param>
/// <param name="Alternatives">How many alternatives' log-probabilities it makes beside the chosen token's; null for none at all.</param>
internal readonly record struct SamplerLaunches(bool Penalises, int? Alternatives);
