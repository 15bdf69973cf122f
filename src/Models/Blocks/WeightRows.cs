namespace MmKernels.Models;

/// <summary>Rows of a weight that several maps share: of every group of <paramref name="Stride"/> rows those from <paramref name="Offset"/> on.</summary>
/// <param name="Groups">Groups in the weight: 1 where each map's rows lie together, heads where they alternate.</param>
/// <param name="Stride">Rows of a group, of all maps together.</param>
/// <param name="Offset">The first of this map's rows in a group.</param>
/// <param name="Count">This map's rows in a group.</param>
public sealed record WeightRows(int Groups, int Stride, int Offset, int Count)
{
    /// <summary>Rows of the whole weight.</summary>
    public int Whole => Groups * Stride;

    /// <summary>This map's rows.</summary>
    public int Own => Groups * Count;
}
