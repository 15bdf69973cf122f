namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Where a register lives whose 32 lanes follow each other in memory.</summary>
/// <param name="PerWarp">Each warp of the block has its own place, because the value is needed behind a barrier; else the warps, which run one after the other, share one.</param>
/// <param name="Offset">In bytes.</param>
internal readonly record struct RegisterHome(bool PerWarp, int Offset)
{
    /// <summary>Bytes of a register's lanes.</summary>
    public const int Bytes = 32 * sizeof(int);
}
