namespace MmKernels.Graphs;

/// <summary>What a case did.</summary>
/// <param name="Passed">Every output is as expected.</param>
/// <param name="Refused">The device does not run the kernel, and the case says that it need not.</param>
/// <param name="Detail">What differs, or the error; empty for a case that passed.</param>
/// <param name="Elapsed">Time of the launch.</param>
/// <param name="ExecutedBy">What ran the kernel.</param>
public sealed record PtxCaseOutcome(bool Passed, bool Refused, string Detail, TimeSpan Elapsed, string ExecutedBy);
