namespace MmKernels.Engine;

/// <summary>A stage that was compared.</summary>
/// <param name="Stage">Its name in reference.json.</param>
/// <param name="Shape">Its recorded shape.</param>
/// <param name="MaxAbs">Largest |ours - reference|.</param>
/// <param name="MaxRel">Largest |ours - reference| / (1 + |reference|).</param>
/// <param name="Ok">Whether that is within <see cref="Verifier.Tolerance"/>; for integers, whether all are equal.</param>
public sealed record VerifyRow(string Stage, Shape Shape, double MaxAbs, double MaxRel, bool Ok);
