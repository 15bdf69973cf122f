using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// Finds accesses of the same byte of shared memory by two threads, one of them a write, that nothing orders. Warps have vector
/// clocks, which barriers, mbarriers and atomics join; lanes of a warp are ordered by warp-wide synchronisation.
/// </summary>
internal sealed class SharedRaces
{
    private readonly Block block;
    private readonly int[][] clocks;
    private readonly int[] phases;
    private readonly Cell[] cells;
    private readonly Dictionary<ulong, int[]> released = [];
    private readonly int[]?[] barriers = new int[16][];
    private readonly PtxInstruction?[] barrierPlaces = new PtxInstruction[16];
    private readonly List<int>[] waiters;
    private readonly Dictionary<int, List<(int Group, int Offset, int Bytes)>> copies = [];
    private readonly Dictionary<int, int> groups = [];

    private struct Touch
    {
        public PtxInstruction? By;
        public int Warp, Lane, Clock, Phase;
    }

    private struct Cell
    {
        public Touch Write, Read, OtherRead;
        public int CopyBy;
    }

    public SharedRaces(Block block)
    {
        this.block = block;
        cells = new Cell[block.SharedBytes];
        clocks = new int[block.Warps.Length][];
        phases = new int[block.Warps.Length];
        waiters = new List<int>[16];
        for (int i = 0; i < 16; i++) waiters[i] = [];
        for (int i = 0; i < clocks.Length; i++)
        {
            clocks[i] = new int[clocks.Length];
            clocks[i][i] = 1;
        }
    }

    /// <summary>A lane's access; atomics and volatile, acquire or release accesses order others and race with none.</summary>
    public void Access(Warp warp, ref Op op, int lane, int offset, int bytes, Access access)
    {
        if (Ordered(warp, ref op, Windows.Shared | (uint)offset, access)) return;
        int thread = warp.Index * Warp.Lanes + lane;
        var now = new Touch { By = op.Instruction, Warp = warp.Index, Lane = lane, Clock = clocks[warp.Index][warp.Index], Phase = phases[warp.Index] };
        for (int i = offset; i < offset + bytes; i++)
        {
            ref Cell cell = ref cells[i];
            if (cell.CopyBy != 0 && op.Instruction.Opcode != PtxOpcode.CpAsync)
                throw Report(warp, ref op, lane, i, cell.Write, access, "the asynchronous copy has not been waited for");
            if (Races(cell.Write, now) && !WritesTheSame(warp, ref op, lane, i, i - offset)) throw Report(warp, ref op, lane, i, cell.Write, access, "nothing orders the two");
            if (access == Interpreter.Access.Read)
            {
                if (cell.Read.By is null || cell.Read.Warp != now.Warp || cell.Read.Lane != now.Lane) cell.OtherRead = cell.Read;
                cell.Read = now;
                continue;
            }
            if (Races(cell.Read, now)) throw Report(warp, ref op, lane, i, cell.Read, access, "nothing orders the two");
            if (Races(cell.OtherRead, now)) throw Report(warp, ref op, lane, i, cell.OtherRead, access, "nothing orders the two");
            cell.Write = now;
            cell.Read = cell.OtherRead = default;
            cell.CopyBy = 0;
        }
        if (op.Instruction.Opcode == PtxOpcode.CpAsync && access == Interpreter.Access.Write) CopyStarted(thread, offset, bytes);
    }

    /// <summary>Joins clocks through an address where the instruction makes an order; returns whether it does.</summary>
    public bool Ordered(Warp warp, ref Op op, ulong address, Access access)
    {
        PtxOperation operation = op.Instruction.Operation;
        bool orders = access == Interpreter.Access.Atomic || operation.Has("volatile") || operation.Has("relaxed") || operation.Has("acquire") || operation.Has("release");
        if (!orders) return false;
        if (access != Interpreter.Access.Write && released.TryGetValue(address, out int[]? before))
        {
            Join(clocks[warp.Index], before);
            phases[warp.Index]++;
        }
        if (access == Interpreter.Access.Read) return true;
        if (!released.TryGetValue(address, out int[]? here)) released.Add(address, here = new int[clocks.Length]);
        Join(here, clocks[warp.Index]);
        clocks[warp.Index][warp.Index]++;
        return true;
    }

    /// <summary>bar.warp.sync: orders the warp's lanes.</summary>
    public void WarpSynchronised(Warp warp) => phases[warp.Index]++;

    public void Arrived(Warp warp, int barrier, ref Op op)
    {
        int[] clock = barriers[barrier] ??= new int[clocks.Length];
        Join(clock, clocks[warp.Index]);
        clocks[warp.Index][warp.Index]++;
        if (op.Kind != OpKind.BarrierArrive) waiters[barrier].Add(warp.Index);
        bool whole = op.B < 0 && op.Kind == OpKind.Barrier && IsAligned(op.Instruction.Operation);
        if (whole && barrierPlaces[barrier] is { } other && other != op.Instruction)
            throw RuntimeErrors.DivergentBarrier(block.Launch.Entry.Function.Name,
                $"{warp.Place(op.Instruction)}: warp {warp.Index} waits here while others wait at {warp.Place(other)}");
        if (whole) barrierPlaces[barrier] = op.Instruction;
    }

    public void Completed(int barrier)
    {
        foreach (int warp in waiters[barrier])
        {
            Join(clocks[warp], barriers[barrier]!);
            phases[warp]++;
        }
        waiters[barrier].Clear();
        barriers[barrier] = null;
        barrierPlaces[barrier] = null;
    }

    /// <summary>cp.async.commit_group.</summary>
    public void CopiesCommitted(Warp warp, uint mask)
    {
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int thread = warp.Index * Warp.Lanes + BitOperations.TrailingZeroCount(m);
            groups[thread] = groups.GetValueOrDefault(thread) + 1;
        }
    }

    /// <summary>cp.async.wait_group: all but the last groups of each thread are done; uncommitted copies too for wait_all (0 pending).</summary>
    public void CopiesWaited(Warp warp, uint mask, int pending)
    {
        for (uint m = mask; m != 0; m &= m - 1)
        {
            int thread = warp.Index * Warp.Lanes + BitOperations.TrailingZeroCount(m);
            if (!copies.TryGetValue(thread, out var list)) continue;
            int current = groups.GetValueOrDefault(thread);
            for (int i = list.Count - 1; i >= 0; i--)
            {
                if (pending > 0 && list[i].Group >= current - pending) continue;
                for (int at = list[i].Offset; at < list[i].Offset + list[i].Bytes; at++)
                    if (cells[at].CopyBy == thread + 1) cells[at].CopyBy = 0;
                list.RemoveAt(i);
            }
        }
    }

    /// <summary>A store of the byte that is there already: whichever comes last, memory is the same.</summary>
    private unsafe bool WritesTheSame(Warp warp, ref Op op, int lane, int offset, int at)
    {
        if (op.Instruction.Opcode != PtxOpcode.St) return false;
        int size = op.Instruction.Type.Bytes();
        int row = op.Rows is { } rows ? rows[at / size] : op.B;
        return block.Shared[offset] == (byte)(warp.Row(row)[lane] >> at % size * 8);
    }

    private static bool IsAligned(PtxOperation operation) => operation.Row.Mnemonic.StartsWith("bar.") || operation.Has("aligned");

    private void CopyStarted(int thread, int offset, int bytes)
    {
        for (int i = offset; i < offset + bytes; i++) cells[i].CopyBy = thread + 1;
        if (!copies.TryGetValue(thread, out var list)) copies.Add(thread, list = []);
        list.Add((groups.GetValueOrDefault(thread), offset, bytes));
    }

    private bool Races(in Touch before, in Touch now)
    {
        if (before.By is null) return false;
        if (before.Warp != now.Warp) return clocks[now.Warp][before.Warp] < before.Clock;
        return before.Lane != now.Lane && before.Phase == now.Phase;
    }

    private static void Join(int[] into, int[] from)
    {
        for (int i = 0; i < into.Length; i++) into[i] = Math.Max(into[i], from[i]);
    }

    private MmkException Report(Warp warp, ref Op op, int lane, int offset, in Touch before, Access access, string why)
    {
        string name = block.Launch.Program.SharedName(offset) is { } variable ? $"`{variable}`, " : "";
        string first = before.By is null ? "" : $" after thread {before.Warp * Warp.Lanes + before.Lane} at {warp.Place(before.By)}";
        return RuntimeErrors.Race(block.Launch.Entry.Function.Name,
            $"{warp.Place(op.Instruction)}: race in shared memory ({name}byte {offset}): {block.Launch.Thread(warp, lane)} {(access == Interpreter.Access.Read ? "reads" : "writes")}{first}: {why}");
    }
}
