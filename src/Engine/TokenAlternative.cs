namespace MmKernels.Engine;

/// <summary>A token that could have stood in another's place.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">The logarithm of its probability.</param>
public readonly record struct TokenAlternative(int Token, float LogProbability);
