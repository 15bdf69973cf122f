namespace MmKernels.Ptx;

/// <summary>Which PTX version introduced a compute capability.</summary>
public static class PtxTargets
{
    /// <summary>The first version that can name sm_NN; null for one that this table does not know.</summary>
    public static PtxVersion? FirstVersion(int sm) => sm switch
    {
        20 => new(2, 0),
        30 => new(3, 0),
        32 => new(4, 0),
        35 => new(3, 1),
        37 or 50 => new(4, 0),
        52 => new(4, 1),
        53 => new(4, 2),
        60 or 61 or 62 => new(5, 0),
        70 => new(6, 0),
        72 => new(6, 1),
        75 => new(6, 3),
        80 => new(7, 0),
        86 => new(7, 1),
        87 => new(7, 4),
        89 or 90 => new(7, 8),
        100 or 101 => new(8, 6),
        120 => new(8, 7),
        103 or 121 => new(8, 8),
        110 => new(9, 0),
        _ => null,
    };
}
