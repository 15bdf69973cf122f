namespace MmKernels.Engine;

/// <summary>How probable a token of an answer was.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">The logarithm of its probability by the model's own logits, before penalties, temperature and filters.</param>
/// <param name="Alternatives">The most probable tokens in its place, in order, itself among them where it is one.</param>
public sealed record TokenProbability(int Token, float LogProbability, IReadOnlyList<TokenAlternative> Alternatives);
