namespace MmKernels.Ptx;

/// <summary>How many registers each lane holds of the fragments of an mma.</summary>
public static class MmaFragments
{
    /// <summary>Registers of D, A, B and C.</summary>
    public static int[] Registers(PtxOperation mma)
    {
        (int m, int n, int k) = (mma.Shape.M, mma.Shape.N, mma.Shape.K);
        // The Volta shape spreads four 8x8x4 products over the warp.
        if (mma.Types[1] == PtxType.F16 && (m, n, k) == (8, 8, 4)) return [Volta(mma.Types[0]), 2, 2, Volta(mma.Types[3])];
        return [Count(m * n, mma.Types[0]), Count(m * k, mma.Types[1]), Count(k * n, mma.Types[2]), Count(m * n, mma.Types[3])];
    }

    private static int Volta(PtxType type) => type == PtxType.F16 ? 4 : 8;

    private static int Count(int elements, PtxType type) => elements * ElementBits(type) / (type == PtxType.F64 ? 64 : 32) / 32;

    private static int ElementBits(PtxType type) => type switch
    {
        PtxType.F64 => 64,
        PtxType.F16 or PtxType.BF16 => 16,
        PtxType.U8 or PtxType.S8 or PtxType.E4M3 or PtxType.E5M2 => 8,
        _ => 32,
    };
}
