using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>What the processor at hand has: constants to the compiler of machine code, in an ahead-of-time program those of the instructions that it was published for.</summary>
internal static class Processor
{
    /// <summary>The widest vectors that this processor runs at full speed.</summary>
    public static int BestLanes => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    public static VectorInstructions Instructions
        => Avx512F.IsSupported && Avx512BW.VL.IsSupported ? VectorInstructions.Avx512 : Avx2.IsSupported && Fma.IsSupported ? VectorInstructions.Avx2 : VectorInstructions.Common;
}
