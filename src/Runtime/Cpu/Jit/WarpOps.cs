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

    /// <summary>ldmatrix: rows of eight 16-bit elements at the addresses in slot 0, one register per matrix in the slots behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadMatrix(byte* scratch, int matrices, int transposed)
    {
        byte** rows = (byte**)scratch;
        for (int m = 0; m < matrices; m++)
        {
            uint* result = (uint*)(scratch + (1 + m) * Emitter.SlotBytes);
            byte** own = rows + 8 * m;
            for (int lane = 0; lane < 32; lane++)
            {
                int row = lane >> 2, pair = lane & 3;
                result[lane] = transposed == 0 ? *(uint*)(own[row] + 4 * pair) : *(ushort*)(own[2 * pair] + 2 * row) | (uint)*(ushort*)(own[2 * pair + 1] + 2 * row) << 16;
            }
        }
    }

    /// <summary>stmatrix, the way back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreMatrix(byte* scratch, int matrices, int transposed)
    {
        byte** rows = (byte**)scratch;
        for (int m = 0; m < matrices; m++)
        {
            uint* values = (uint*)(scratch + (1 + m) * Emitter.SlotBytes);
            byte** own = rows + 8 * m;
            for (int lane = 0; lane < 32; lane++)
            {
                int row = lane >> 2, pair = lane & 3;
                if (transposed == 0) *(uint*)(own[row] + 4 * pair) = values[lane];
                else
                {
                    *(ushort*)(own[2 * pair] + 2 * row) = (ushort)values[lane];
                    *(ushort*)(own[2 * pair + 1] + 2 * row) = (ushort)(values[lane] >> 16);
                }
            }
        }
    }
}
