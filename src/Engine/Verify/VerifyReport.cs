namespace MmKernels.Engine;

/// <summary>A stage that was compared.</summary>
/// <param name="Stage">Its name in reference.json.</param>
/// <param name="Shape">Its recorded shape.</param>
/// <param name="MaxAbs">Largest |ours - reference|.</param>
/// <param name="MaxRel">Largest |ours - reference| / (1 + |reference|).</param>
/// <param name="Ok">Whether that is within <see cref="Verifier.Tolerance"/>; for integers, whether all are equal.</param>
public sealed record VerifyRow(string Stage, Shape Shape, double MaxAbs, double MaxRel, bool Ok);

/// <summary>A stage that was not compared.</summary>
public sealed record VerifySkip(string Stage, string Reason);

/// <summary>What comparing a golden folder gave.</summary>
/// <param name="System">The recipe's name for it.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Rows">In the order of reference.json.</param>
/// <param name="NotCompared">In the order of reference.json.</param>
public sealed record VerifyReport(string System, string Device, IReadOnlyList<VerifyRow> Rows, IReadOnlyList<VerifySkip> NotCompared)
{
    /// <summary>At least one stage was compared, and all that were are within the tolerance.</summary>
    public bool Ok => Rows.Count > 0 && Rows.All(row => row.Ok);
}
