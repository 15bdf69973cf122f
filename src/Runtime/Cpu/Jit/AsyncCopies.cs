using System.Numerics;
using System.Diagnostics.CodeAnalysis;
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
    /// <summary>The method that copies so many bytes.</summary>
    [RequiresDynamicCode(JustInTime.Reason)]
    public static MethodInfo Of(int bytes)
        => typeof(AsyncCopies).GetMethod(nameof(Copy))!.MakeGenericMethod(bytes switch { 4 => typeof(uint), 8 => typeof(ulong), _ => typeof(Vector128<byte>) });

    /// <summary>Copies a value per lane of the mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Copy<T>(byte* scratch, uint mask) where T : unmanaged
    {
        byte** destinations = (byte**)scratch, sources = (byte**)(scratch + Emitter.SlotBytes);
        uint* sizes = (uint*)(scratch + 2 * Emitter.SlotBytes);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* to = destinations[lane], from = sources[lane];
            uint bytes = sizes[lane];
            if (bytes >= sizeof(T)) Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<T>(from));
            else
            {
                T part = default;
                for (uint i = 0; i < bytes; i++) ((byte*)&part)[i] = from[i];
                Unsafe.WriteUnaligned(to, part);
            }
        }
    }
}
