using System.Diagnostics;
using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Instructions in which lanes see each other, and the clock.</summary>
internal static unsafe class WarpOps
{
    public static void Shuffle(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), b = warp.Row(op.B), c = warp.Row(op.Rows![0]);
        PtxMode mode = op.Instruction.Operation.Mode;
        ulong* old = stackalloc ulong[Warp.Lanes];
        for (int lane = 0; lane < Warp.Lanes; lane++) old[lane] = (uint)a[lane];
        uint inRange = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            int by = (int)((uint)b[lane] & 31), clamp = (int)((uint)c[lane] & 31), segment = (int)((uint)c[lane] >> 8 & 31);
            int most = (lane & segment) | (clamp & ~segment), least = lane & segment;
            (int from, bool valid) = mode switch
            {
                PtxMode.Up => (lane - by, lane - by >= most),
                PtxMode.Down => (lane + by, lane + by <= most),
                PtxMode.Bfly => (lane ^ by, (lane ^ by) <= most),
                _ => (least | (by & ~segment), (least | (by & ~segment)) <= most),
            };
            if (!valid) from = lane;
            else inRange |= 1u << lane;
            warp.Block.Sanitizer?.Shuffled(warp, ref op, lane, from, mask);
            d[lane] = old[from];
        }
        warp.SetPredicate(op.Q, inRange, mask);
    }

    public static void Vote(Warp warp, ref Op op, uint mask)
    {
        uint holds = warp.Lanes32(op.P);
        ulong* members = op.C >= 0 ? warp.Row(op.C) : null;
        ulong* d = op.D >= 0 ? warp.Row(op.D) : null;
        uint result = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            uint voters = mask & (members != null ? (uint)members[lane] : uint.MaxValue);
            uint votes = holds & voters;
            if (d != null)
            {
                d[lane] = votes;
                continue;
            }
            bool holdsHere = op.Instruction.Operation.Mode switch
            {
                PtxMode.All => votes == voters,
                PtxMode.Any => votes != 0,
                _ => votes == 0 || votes == voters,
            };
            if (holdsHere) result |= 1u << lane;
        }
        warp.SetPredicate(op.Q, result, mask);
    }

    public static void Match(Warp warp, ref Op op, uint mask)
    {
        ulong keep = op.Instruction.Type.Bits() == 64 ? ulong.MaxValue : uint.MaxValue;
        ulong* d = op.D >= 0 ? warp.Row(op.D) : null;
        ulong* a = warp.Row(op.A), members = warp.Row(op.C);
        bool all = op.Instruction.Operation.Row.Mnemonic == "match.all.sync";
        ulong* values = stackalloc ulong[Warp.Lanes];
        for (int lane = 0; lane < Warp.Lanes; lane++) values[lane] = a[lane] & keep;
        uint same = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            uint group = mask & (uint)members[lane], equal = 0;
            for (uint g = group; g != 0; g &= g - 1)
            {
                int other = BitOperations.TrailingZeroCount(g);
                if (values[other] == values[lane]) equal |= 1u << other;
            }
            if (equal == group) same |= 1u << lane;
            if (d != null) d[lane] = all ? equal == group ? group : 0 : equal;
        }
        warp.SetPredicate(op.Q, same, mask);
    }

    public static void Reduce(Warp warp, ref Op op, uint mask)
    {
        PtxOperation operation = op.Instruction.Operation;
        AtomicFunction combine = Atomics.Function(operation.Reduction, operation.Type)!;
        ulong* d = warp.Row(op.D), a = warp.Row(op.A), members = warp.Row(op.C);
        ulong* values = stackalloc ulong[Warp.Lanes];
        for (int lane = 0; lane < Warp.Lanes; lane++) values[lane] = (uint)a[lane];
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            uint group = mask & (uint)members[lane];
            ulong sum = values[BitOperations.TrailingZeroCount(group)];
            for (uint g = group & group - 1; g != 0; g &= g - 1) sum = combine(sum, values[BitOperations.TrailingZeroCount(g)], 0);
            d[lane] = sum;
        }
    }

    public static void ActiveMask(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D);
        for (uint m = mask; m != 0; m &= m - 1) d[BitOperations.TrailingZeroCount(m)] = mask;
    }

    public static void Elect(Warp warp, ref Op op, uint mask)
    {
        ulong* members = warp.Row(op.C);
        uint leaders = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            int leader = BitOperations.TrailingZeroCount(mask & (uint)members[lane]);
            if (op.D >= 0) warp.Row(op.D)[lane] = (ulong)leader;
            if (leader == lane) leaders |= 1u << lane;
        }
        warp.SetPredicate(op.Q, leaders, mask);
    }

    /// <summary>%clock and its kin: time only goes on.</summary>
    public static void Clock(Warp warp, ref Op op, uint mask)
    {
        var register = (PtxSpecialRegister)op.Immediate;
        ulong now = (ulong)(register is PtxSpecialRegister.GlobalTimer or PtxSpecialRegister.GlobalTimerLo or PtxSpecialRegister.GlobalTimerHi
            ? Stopwatch.GetElapsedTime(0).Ticks * 100 : warp.Block.Launch.Tick());
        ulong value = register is PtxSpecialRegister.Clock64 or PtxSpecialRegister.GlobalTimer ? now
            : register is PtxSpecialRegister.ClockHi or PtxSpecialRegister.GlobalTimerHi ? now >> 32 : (uint)now;
        ulong* d = warp.Row(op.D);
        for (uint m = mask; m != 0; m &= m - 1) d[BitOperations.TrailingZeroCount(m)] = value;
    }

    public static void Nothing(Warp warp, ref Op op, uint mask)
    {
    }

    public static void Trap(Warp warp, ref Op op, uint mask)
        => throw warp.Fault(ref op, $"trap in block ({warp.Block.X}, {warp.Block.Y}, {warp.Block.Z}), thread {warp.Index * Warp.Lanes + BitOperations.TrailingZeroCount(mask)}");
}
