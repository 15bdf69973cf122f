using System.Numerics;
using System.Runtime.CompilerServices;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Loads, stores and addresses.</summary>
internal static unsafe class MemoryOps
{
    /// <summary>
    /// The host address of a lane's access, checked for bounds and alignment. <paramref name="address"/> is in the op's space.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Resolve(Warp warp, ref Op op, int lane, ulong address, int bytes, Access access)
    {
        PtxSpace space = op.Space;
        if (space == PtxSpace.Generic || (space == PtxSpace.Shared && address >> Windows.Shift != 0))
        {
            space = (address >> Windows.Shift) switch
            {
                1 => PtxSpace.Shared,
                2 => PtxSpace.Local,
                3 => PtxSpace.Param,
                _ => PtxSpace.Global,
            };
            if (space != PtxSpace.Global) address &= Windows.OffsetMask;
        }
        if ((address & (ulong)(bytes - 1)) != 0) throw warp.Block.Launch.Misaligned(warp, ref op, lane, address, bytes, space);
        Sanitizer? sanitizer = warp.Block.Sanitizer;
        switch (space)
        {
            case PtxSpace.Shared:
                // Shared addresses are 32 bits wide; arithmetic in registers may have wrapped.
                ulong offset = (uint)address;
                if (offset + (ulong)bytes > (ulong)warp.Block.SharedBytes) throw warp.Block.Launch.OutOfBounds(warp, ref op, lane, address, bytes, space);
                sanitizer?.Shared(warp, ref op, lane, (int)offset, bytes, access);
                return warp.Block.Shared + offset;
            case PtxSpace.Local:
                if (address + (ulong)bytes > (ulong)warp.Block.LocalBytes) throw warp.Block.Launch.OutOfBounds(warp, ref op, lane, address, bytes, space);
                sanitizer?.Local(warp, ref op, lane, (int)address, bytes, access);
                return warp.Block.Local + (long)(warp.Index * Warp.Lanes + lane) * warp.Block.LocalBytes + (long)address;
            case PtxSpace.Param:
                Launch launch = warp.Block.Launch;
                if (address + (ulong)bytes > (ulong)launch.ParameterBytes) throw launch.OutOfBounds(warp, ref op, lane, address, bytes, space);
                sanitizer?.Parameter(warp, ref op, lane);
                return launch.Parameters + address;
            default:
                if (address - op.RangeStart >= op.RangeEnd - op.RangeStart || (ulong)bytes > op.RangeEnd - address) FindRange(warp, ref op, lane, address, bytes);
                sanitizer?.Global(warp, ref op, lane, address, bytes, access);
                return (byte*)address;
        }
    }

    private static void FindRange(Warp warp, ref Op op, int lane, ulong address, int bytes)
    {
        MemoryMap? map = warp.Block.Launch.Program.Map;
        if (map is null)
        {
            (op.RangeStart, op.RangeEnd) = (0, ulong.MaxValue);
            return;
        }
        if (!map.TryFind(address, out op.RangeStart, out op.RangeEnd) || (ulong)bytes > op.RangeEnd - address)
        {
            op.RangeEnd = op.RangeStart;
            throw warp.Block.Launch.OutOfBounds(warp, ref op, lane, address, bytes, PtxSpace.Global);
        }
    }

    /// <summary>The lane's address: base register plus offset, or a place in the frame or the parameter block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address(Warp warp, ref Op op, ulong* a, int lane)
        => a != null ? a[lane] + (ulong)op.Immediate : op.Space == PtxSpace.Local ? (ulong)(warp.Frame.LocalBase + op.Immediate) : (ulong)op.Immediate;

    public static ulong* Base(Warp warp, ref Op op) => op.A >= 0 ? warp.Row(op.A) : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<T>(Warp warp, ref Op op, uint mask) where T : unmanaged
    {
        ulong* d = warp.Row(op.D), a = Base(warp, ref op);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = Widen(*(T*)Resolve(warp, ref op, lane, Address(warp, ref op, a, lane), sizeof(T), Access.Read));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<T>(Warp warp, ref Op op, uint mask) where T : unmanaged
    {
        ulong* b = warp.Row(op.B), a = Base(warp, ref op);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            *(T*)Resolve(warp, ref op, lane, Address(warp, ref op, a, lane), sizeof(T), Access.Write) = *(T*)(b + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadVector<T>(Warp warp, ref Op op, uint mask) where T : unmanaged
    {
        int[] rows = op.Rows!;
        ulong* a = Base(warp, ref op);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            var p = (T*)Resolve(warp, ref op, lane, Address(warp, ref op, a, lane), sizeof(T) * rows.Length, Access.Read);
            // All elements are read before a register is written: the address may be one of the destinations.
            for (int e = 0; e < rows.Length; e++)
                if (rows[e] >= 0) warp.Row(rows[e])[lane] = Widen(p[e]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreVector<T>(Warp warp, ref Op op, uint mask) where T : unmanaged
    {
        int[] rows = op.Rows!;
        ulong* a = Base(warp, ref op);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            var p = (T*)Resolve(warp, ref op, lane, Address(warp, ref op, a, lane), sizeof(T) * rows.Length, Access.Write);
            for (int e = 0; e < rows.Length; e++) p[e] = *(T*)(warp.Row(rows[e]) + lane);
        }
    }

    /// <summary>Sign- or zero-extended to 64 bits: the register may be wider than the access.</summary>
    public static ulong Widen<T>(T value) where T : unmanaged
    {
        if (typeof(T) == typeof(sbyte)) return (ulong)(long)Unsafe.BitCast<T, sbyte>(value);
        if (typeof(T) == typeof(short)) return (ulong)(long)Unsafe.BitCast<T, short>(value);
        if (typeof(T) == typeof(int)) return (ulong)(long)Unsafe.BitCast<T, int>(value);
        return LaneOps.Bits(value);
    }

    /// <summary>The address of a variable in the running frame, as a local address.</summary>
    public static void FrameAddress(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D);
        ulong address = (ulong)(warp.Frame.LocalBase + op.Immediate);
        for (uint m = mask; m != 0; m &= m - 1) d[BitOperations.TrailingZeroCount(m)] = address;
    }

    /// <summary>cvta: sets the window of a space; global addresses are generic ones.</summary>
    public static void ToGeneric(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = a[lane] | (ulong)op.Immediate;
        }
    }

    /// <summary>cvta.to: takes the window away.</summary>
    public static void FromGeneric(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = op.Immediate == 0 ? a[lane] : a[lane] & Windows.OffsetMask;
        }
    }

    public static void IsSpace(Warp warp, ref Op op, uint mask)
    {
        ulong* a = warp.Row(op.A);
        uint bits = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            if ((a[lane] & ~Windows.OffsetMask) == (ulong)op.Immediate) bits |= 1u << lane;
        }
        warp.SetPredicate(op.Q, bits, mask);
    }

    /// <summary>atom and red: lanes one after the other.</summary>
    public static void Atomic<T>(Warp warp, ref Op op, uint mask) where T : unmanaged
    {
        var combine = (AtomicFunction)op.Data!;
        ulong* a = Base(warp, ref op);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            var p = (T*)Resolve(warp, ref op, lane, Address(warp, ref op, a, lane), sizeof(T), Access.Atomic);
            ulong old = ZeroExtend(*p);
            ulong made = combine(old, warp.Row(op.B)[lane], op.C >= 0 ? warp.Row(op.C)[lane] : 0);
            *p = *(T*)&made;
            if (op.D >= 0) warp.Row(op.D)[lane] = old;
        }
    }

    private static ulong ZeroExtend<T>(T value) where T : unmanaged
    {
        ulong wide = 0;
        *(T*)&wide = value;
        return wide;
    }

    /// <summary>cp.async: copies at once; the bytes beyond the source size are zeros.</summary>
    public static void AsyncCopy(Warp warp, ref Op op, uint mask)
    {
        ulong* d = op.D >= 0 ? warp.Row(op.D) : null;
        ulong* a = op.A >= 0 ? warp.Row(op.A) : null;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            int from = op.C >= 0 ? (int)Math.Min((uint)warp.Row(op.C)[lane], (uint)op.Bytes) : op.Bytes;
            if (op.P >= 0 && (warp.Lanes32(op.P) >> lane & 1) != 0) from = 0;
            op.Space = PtxSpace.Shared;
            byte* to = Resolve(warp, ref op, lane, (d != null ? d[lane] : 0) + (ulong)op.Target, op.Bytes, Access.Write);
            op.Space = PtxSpace.Global;
            ulong source = (a != null ? a[lane] : 0) + (ulong)op.Immediate;
            // With nothing to read the source address may be anywhere.
            byte* start = from > 0 ? ResolveBytes(warp, ref op, lane, source, from) : null;
            for (int i = 0; i < op.Bytes; i++) to[i] = i < from ? start[i] : (byte)0;
        }
    }

    /// <summary>A run of bytes whose alignment the instruction's size asks for, of which only some are read.</summary>
    public static byte* ResolveBytes(Warp warp, ref Op op, int lane, ulong address, int bytes)
    {
        if ((address & (ulong)(op.Bytes - 1)) != 0) throw warp.Block.Launch.Misaligned(warp, ref op, lane, address, op.Bytes, PtxSpace.Global);
        byte* first = Resolve(warp, ref op, lane, address, 1, Access.Read);
        Resolve(warp, ref op, lane, address + (ulong)bytes - 1, 1, Access.Read);
        return first;
    }
}

internal enum Access : byte { Read, Write, Atomic }

/// <summary>The new value from the old one and up to two operands.</summary>
internal delegate ulong AtomicFunction(ulong old, ulong b, ulong c);
