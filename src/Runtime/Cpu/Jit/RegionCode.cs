namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Generated code of a region: runs all slices of the block (or its warps) that stand at the region's start up to their next barriers; writes
/// down in <see cref="LaunchContext.NextOut"/> where each goes on.
/// </summary>
/// <param name="slices">Slices of the block; 0 does nothing but make the machine code.</param>
internal unsafe delegate void RegionCode(LaunchContext* context, int slices);

/// <summary>The signature of <see cref="RegionCode"/>, for those who write such methods.</summary>
internal static unsafe class RegionCodes
{
    public static readonly Type[] Parameters = [typeof(LaunchContext*), typeof(int)];
}
