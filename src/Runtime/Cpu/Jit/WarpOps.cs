using System.Reflection;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Exchanges between the lanes of a warp through the scratch memory; called from generated code.</summary>
internal static unsafe class WarpOps
{
    public static MethodInfo Method(string name) => typeof(WarpOps).GetMethod(name)!;

    /// <summary>shfl: values in slot 1, lanes or distances in slot 2, bounds in slot 3; results to slot 0, whether the source was in bounds (0 or 1) to slot 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shuffle(byte* scratch, int mode)
    {
        int* result = (int*)scratch, values = (int*)(scratch + Emitter.SlotBytes), lanes = (int*)(scratch + 2 * Emitter.SlotBytes),
            bounds = (int*)(scratch + 3 * Emitter.SlotBytes), inside = (int*)(scratch + 4 * Emitter.SlotBytes);
        for (int lane = 0; lane < 32; lane++)
        {
            int by = lanes[lane] & 31, clamp = bounds[lane] & 31, segment = bounds[lane] >> 8 & 31;
            int least = lane & segment, most = least | (clamp & ~segment);
            (int from, bool within) = (PtxMode)mode switch
            {
                PtxMode.Up => (lane - by, lane - by >= most),
                PtxMode.Down => (lane + by, lane + by <= most),
                PtxMode.Bfly => (lane ^ by, (lane ^ by) <= most),
                _ => (least | (by & ~segment), (least | (by & ~segment)) <= most),
            };
            result[lane] = values[within ? from : lane];
            inside[lane] = within ? 1 : 0;
        }
    }
}
