using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>cp.async.bulk between global and shared memory of the own block: copied at once, then counted at the barrier.</summary>
internal static unsafe class BulkOps
{
    public static void Copy(Warp warp, ref Op op, uint mask)
    {
        bool toShared = op.Instruction.Operation.Space == PtxSpace.Shared;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            int bytes = (int)warp.Row(op.B)[lane];
            if (bytes < 0 || (bytes & 15) != 0) throw warp.Fault(ref op, $"a bulk copy of {bytes} bytes is not a multiple of 16");
            if (bytes > 0)
            {
                byte* to = Run(warp, ref op, lane, (op.D >= 0 ? warp.Row(op.D)[lane] : 0) + (ulong)op.Target, bytes, toShared ? PtxSpace.Shared : PtxSpace.Global, Access.Write);
                byte* from = Run(warp, ref op, lane, (op.A >= 0 ? warp.Row(op.A)[lane] : 0) + (ulong)op.Immediate, bytes, toShared ? PtxSpace.Global : PtxSpace.Shared, Access.Read);
                Buffer.MemoryCopy(from, to, bytes, bytes);
            }
            if (!toShared) continue;
            op.Space = PtxSpace.Shared;
            MbarrierOps.CompleteBytes(warp, ref op, lane, warp.Row(op.C)[lane] + (ulong)op.Bytes, bytes);
        }
    }

    /// <summary>Checks every 16 bytes of a run; returns its start.</summary>
    private static byte* Run(Warp warp, ref Op op, int lane, ulong address, int bytes, PtxSpace space, Access access)
    {
        op.Space = space;
        byte* start = MemoryOps.Resolve(warp, ref op, lane, address, 16, access);
        for (int at = 16; at < bytes; at += 16) MemoryOps.Resolve(warp, ref op, lane, address + (ulong)at, 16, access);
        return start;
    }
}
