namespace MmKernels.Engine;

/// <summary>A stage that was not compared.</summary>
public sealed record VerifySkip(string Stage, string Reason);
