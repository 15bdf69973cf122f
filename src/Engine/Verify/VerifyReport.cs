namespace MmKernels.Engine;

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
