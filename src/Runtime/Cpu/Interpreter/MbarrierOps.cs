using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// Barriers in shared memory. The 64 bits hold: expected arrivals (0–19), pending arrivals (20–39), pending bytes + 2^20 (40–61), phase (62).
/// A phase completes when arrivals and bytes are both down to zero.
/// </summary>
internal static unsafe class MbarrierOps
{
    private const int Field = 0xFFFFF, BytesBias = 1 << 20;

    public static void Run(Warp warp, ref Op op, uint mask)
    {
        PtxOpcode opcode = op.Instruction.Opcode;
        ulong* a = MemoryOps.Base(warp, ref op);
        uint done = 0;
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            var at = (ulong*)MemoryOps.Resolve(warp, ref op, lane, MemoryOps.Address(warp, ref op, a, lane), 8, Access.Atomic);
            ulong before = *at;
            uint operand = op.B >= 0 ? (uint)warp.Row(op.B)[lane] : 1;
            switch (opcode)
            {
                case PtxOpcode.MbarrierInit: *at = Make((int)operand, (int)operand, 0, 0); break;
                case PtxOpcode.MbarrierInval: break;
                case PtxOpcode.MbarrierExpectTx: Update(at, 0, (int)operand, 0); break;
                case PtxOpcode.MbarrierCompleteTx: Update(at, 0, -(int)operand, 0); break;
                case PtxOpcode.MbarrierArriveExpectTx: Update(at, 1, (int)operand, 0); break;
                case PtxOpcode.MbarrierArriveDrop: Update(at, (int)operand, 0, (int)operand); break;
                case PtxOpcode.MbarrierTestWait or PtxOpcode.MbarrierTryWait:
                    if (Passed(op.Instruction.Operation, before, op.B >= 0 ? warp.Row(op.B)[lane] : 0)) done |= 1u << lane;
                    break;
                case PtxOpcode.CpAsyncMbarrierArrive:
                    // Copies are done at once; without .noinc the arrival was not counted in and cancels out.
                    if (op.Instruction.Operation.Has("noinc")) Update(at, 1, 0, 0);
                    break;
                default: Update(at, (int)operand, 0, 0); break;
            }
            if (op.D >= 0) warp.Row(op.D)[lane] = before;
        }
        if (opcode is not (PtxOpcode.MbarrierTestWait or PtxOpcode.MbarrierTryWait)) return;
        warp.SetPredicate(op.Q, done, mask);
        if (done != mask) warp.YieldRequested = true;
    }

    /// <summary>Bytes of a bulk copy have come.</summary>
    public static void CompleteBytes(Warp warp, ref Op op, int lane, ulong barrier, int bytes)
        => Update((ulong*)MemoryOps.Resolve(warp, ref op, lane, barrier, 8, Access.Atomic), 0, -bytes, 0);

    public static void PendingCount(Warp warp, ref Op op, uint mask)
    {
        ulong* d = warp.Row(op.D), a = warp.Row(op.A);
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int lane = BitOperations.TrailingZeroCount(m);
            d[lane] = a[lane] >> 20 & Field;
        }
    }

    private static bool Passed(PtxOperation operation, ulong state, ulong operand)
    {
        uint phase = (uint)(state >> 62 & 1);
        // By parity: the phase of that parity has completed. By state: the phase in which the state was taken has.
        return operation.Has("parity") ? phase != ((uint)operand & 1) : phase != (uint)(operand >> 62 & 1);
    }

    private static void Update(ulong* at, int arrivals, int bytes, int drop)
    {
        int expected = (int)(*at & Field) - drop, pending = (int)(*at >> 20 & Field) - arrivals;
        int pendingBytes = (int)(*at >> 40 & 0x3FFFFF) - BytesBias + bytes;
        uint phase = (uint)(*at >> 62 & 1);
        if (pending <= 0 && pendingBytes == 0)
        {
            phase ^= 1;
            pending = expected;
        }
        *at = Make(expected, Math.Max(pending, 0), pendingBytes, phase);
    }

    private static ulong Make(int expected, int pending, int bytes, uint phase)
        => (ulong)(uint)(expected & Field) | (ulong)(uint)(pending & Field) << 20 | (ulong)(uint)(bytes + BytesBias & 0x3FFFFF) << 40 | (ulong)phase << 62;
}
