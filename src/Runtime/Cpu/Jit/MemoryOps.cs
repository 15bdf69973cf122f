using System.Collections.Concurrent;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Lane-by-lane memory access, called from generated code: addresses are one 64-bit word per lane, vector element e of all lanes lies in
/// slot e of the values, as 32-bit words (64-bit ones for 8-byte elements).
/// </summary>
internal static unsafe class MemoryOps
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;

    private delegate void Access(long* addresses, byte* values, int elements, uint mask);

    private static readonly MethodInfo[] gathers = [.. new Access[] { GatherU8, GatherS8, GatherU16, GatherS16, Gather32, Gather64 }.Select(a => a.Method)];
    private static readonly MethodInfo[] scatters = [.. new Access[] { Scatter8, Scatter16, Scatter32, Scatter64 }.Select(a => a.Method)];

    /// <summary>The method that reads elements of a type.</summary>
    public static MethodInfo Gather(PtxType type) => gathers[type.Bytes() switch { 1 => type.IsSigned() ? 1 : 0, 2 => type.IsSigned() ? 3 : 2, 4 => 4, _ => 5 }];

    /// <summary>The method that writes elements of a type.</summary>
    public static MethodInfo Scatter(PtxType type) => scatters[BitOperations.Log2((uint)type.Bytes())];

    public static MethodInfo Method(string name) => typeof(MemoryOps).GetMethod(name)!;

    /// <summary>atom and red, lane after lane: addresses in slot 0, operands in slots 1 and 2, old values to slot 3.</summary>
    public static void Atomic(byte* scratch, int reduction, int type, uint mask)
    {
        AtomicFunction function = atomics.GetOrAdd((reduction, type), k => Atomics.Function((PtxReduction)k.Reduction, (PtxType)k.Type)!);
        int bytes = ((PtxType)type).Bytes();
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* place = ((byte**)scratch)[lane];
            byte* b = scratch + Emitter.SlotBytes, c = b + Emitter.SlotBytes, old = c + Emitter.SlotBytes;
            if (bytes == 8)
            {
                ref ulong at = ref *(ulong*)place;
                ulong seen = Volatile.Read(ref at), found;
                while ((found = Interlocked.CompareExchange(ref at, function(seen, ((ulong*)b)[lane], ((ulong*)c)[lane]), seen)) != seen) seen = found;
                ((ulong*)old)[lane] = seen;
                continue;
            }
            // A 16-bit place is changed within its aligned 32-bit word.
            int shift = bytes == 2 ? (int)((nuint)place & 2) * 8 : 0;
            uint keep = bytes == 2 ? ~(0xFFFFu << shift) : 0;
            ref uint word = ref *(uint*)((nuint)place & ~(nuint)(bytes == 2 ? 3 : 0));
            uint known = Volatile.Read(ref word), now;
            while (true)
            {
                uint value = (known & ~keep) >> shift;
                uint result = (uint)function(value, ((uint*)b)[lane], ((uint*)c)[lane]);
                now = Interlocked.CompareExchange(ref word, (known & keep) | (result << shift & ~keep), known);
                if (now == known) break;
                known = now;
            }
            ((uint*)old)[lane] = (known & ~keep) >> shift;
        }
    }

    private static readonly ConcurrentDictionary<(int Reduction, int Type), AtomicFunction> atomics = new();

    [MethodImpl(Fast)]
    private static void GatherU8(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* from = (byte*)addresses[lane];
            for (int e = 0; e < elements; e++) ((int*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void GatherS8(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            sbyte* from = (sbyte*)addresses[lane];
            for (int e = 0; e < elements; e++) ((int*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void GatherU16(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ushort* from = (ushort*)addresses[lane];
            for (int e = 0; e < elements; e++) ((int*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void GatherS16(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            short* from = (short*)addresses[lane];
            for (int e = 0; e < elements; e++) ((int*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void Gather32(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            int* from = (int*)addresses[lane];
            for (int e = 0; e < elements; e++) ((int*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void Gather64(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            long* from = (long*)addresses[lane];
            for (int e = 0; e < elements; e++) ((long*)(values + e * Emitter.SlotBytes))[lane] = from[e];
        }
    }

    [MethodImpl(Fast)]
    private static void Scatter8(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            byte* to = (byte*)addresses[lane];
            for (int e = 0; e < elements; e++) to[e] = (byte)((int*)(values + e * Emitter.SlotBytes))[lane];
        }
    }

    [MethodImpl(Fast)]
    private static void Scatter16(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            short* to = (short*)addresses[lane];
            for (int e = 0; e < elements; e++) to[e] = (short)((int*)(values + e * Emitter.SlotBytes))[lane];
        }
    }

    [MethodImpl(Fast)]
    private static void Scatter32(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            int* to = (int*)addresses[lane];
            for (int e = 0; e < elements; e++) to[e] = ((int*)(values + e * Emitter.SlotBytes))[lane];
        }
    }

    [MethodImpl(Fast)]
    private static void Scatter64(long* addresses, byte* values, int elements, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            long* to = (long*)addresses[lane];
            for (int e = 0; e < elements; e++) to[e] = ((long*)(values + e * Emitter.SlotBytes))[lane];
        }
    }
}
