using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// cp.async of 4, 8 or 16 bytes per lane; called from generated code. Destinations lie in slot 0 of the scratch memory, sources in slot 1, in slot 2 how many
/// bytes are read: the others become zeros, and nothing is read at a source of no bytes.
/// </summary>
internal static unsafe class AsyncCopies
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;

    private delegate void Copy(byte* scratch, uint mask);

    private static readonly MethodInfo[] copies = [.. new Copy[] { Copy4, Copy8, Copy16 }.Select(c => c.Method)];

    /// <summary>The method that copies so many bytes.</summary>
    public static MethodInfo Of(int bytes) => copies[BitOperations.Log2((uint)bytes) - 2];

    [MethodImpl(Fast)]
    private static void Copy4(byte* scratch, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* to = ((byte**)scratch)[lane], from = ((byte**)(scratch + Emitter.SlotBytes))[lane];
            uint bytes = ((uint*)(scratch + 2 * Emitter.SlotBytes))[lane];
            if (bytes >= 4) *(uint*)to = *(uint*)from;
            else CopyPart(to, from, (int)bytes, 4);
        }
    }

    [MethodImpl(Fast)]
    private static void Copy8(byte* scratch, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* to = ((byte**)scratch)[lane], from = ((byte**)(scratch + Emitter.SlotBytes))[lane];
            uint bytes = ((uint*)(scratch + 2 * Emitter.SlotBytes))[lane];
            if (bytes >= 8) *(ulong*)to = *(ulong*)from;
            else CopyPart(to, from, (int)bytes, 8);
        }
    }

    [MethodImpl(Fast)]
    private static void Copy16(byte* scratch, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* to = ((byte**)scratch)[lane], from = ((byte**)(scratch + Emitter.SlotBytes))[lane];
            uint bytes = ((uint*)(scratch + 2 * Emitter.SlotBytes))[lane];
            if (bytes >= 16) Vector128.Load(from).Store(to);
            else CopyPart(to, from, (int)bytes, 16);
        }
    }

    private static void CopyPart(byte* to, byte* from, int taken, int bytes)
    {
        for (int i = 0; i < bytes; i++) to[i] = i < taken ? from[i] : (byte)0;
    }
}
