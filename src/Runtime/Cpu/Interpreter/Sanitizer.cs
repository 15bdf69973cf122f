using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// Watches a run for faults that need not show in its results. Bits without a value are followed through registers and memory and
/// reported where they decide something: a branch, an address, a value that leaves the kernel. Accesses of shared memory are
/// held against the order that barriers, atomics and warp-wide instructions make.
/// </summary>
internal sealed unsafe class Sanitizer
{
    private readonly MemoryMap? map;
    private readonly ulong[] fromLane = new ulong[Warp.Lanes];
    private SharedRaces races = null!;
    private byte[] sharedShadow = [], localShadow = [];

    public Sanitizer(MemoryMap? map) => this.map = map;

    /// <summary>Checks the guard, the addresses and the values that leave; follows undefined bits through everything but memory.</summary>
    public void BeforeOp(Warp warp, ref Op op, uint active, uint mask)
    {
        Frame frame = warp.Frame;
        WarpShadow shadow = warp.Shadow!;
        if (op.Guard >= 0 && (shadow.Predicate(frame, op.Guard >> 1) & active) is var undecided and not 0)
            throw Undefined(warp, ref op, BitOperations.TrailingZeroCount(undecided), $"the guard `{op.Instruction.Guard}` has no value");
        if (mask == 0) return;
        op.Touched ??= OpRegisters.Of(op.Instruction, frame.Code);
        CheckAddresses(warp, ref op, mask, frame, shadow);
        switch (op.Instruction.Opcode)
        {
            case PtxOpcode.BarWarpSync:
                races.WarpSynchronised(warp);
                return;
            case PtxOpcode.CpAsyncWaitAll: races.CopiesWaited(warp, mask, 0); return;
            case PtxOpcode.CpAsyncWaitGroup when op.Instruction.Operands[0] is ImmediateOperand groups: races.CopiesWaited(warp, mask, (int)groups.Bits); return;
            case PtxOpcode.CpAsyncCommitGroup: races.CopiesCommitted(warp, mask); return;
            case PtxOpcode.Ld or PtxOpcode.Ldu or PtxOpcode.Ldmatrix or PtxOpcode.St or PtxOpcode.ShflSync or PtxOpcode.Shfl: return;
            case PtxOpcode.Stmatrix or PtxOpcode.Atom or PtxOpcode.Red: CheckSources(warp, ref op, mask, frame, shadow); break;
            case PtxOpcode.BarSync or PtxOpcode.BarArrive or PtxOpcode.BarRed or PtxOpcode.BrxIdx: CheckSources(warp, ref op, mask, frame, shadow); break;
        }
        ValueFlow.Follow(warp, ref op, mask, frame, shadow);
    }

    /// <summary>A lane's access of shared memory.</summary>
    public void Shared(Warp warp, ref Op op, int lane, int offset, int bytes, Access access)
    {
        races.Access(warp, ref op, lane, offset, bytes, access);
        Memory(warp, ref op, lane, sharedShadow.AsSpan(offset, bytes), access, $"byte {offset} of shared memory");
    }

    public void Local(Warp warp, ref Op op, int lane, int offset, int bytes, Access access)
        => Memory(warp, ref op, lane, localShadow.AsSpan(LocalStart(warp, lane) + offset, bytes), access, $"byte {offset} of local memory");

    public void Global(Warp warp, ref Op op, int lane, ulong address, int bytes, Access access)
    {
        PtxOpcode opcode = op.Instruction.Opcode;
        if (access == Access.Write && opcode == PtxOpcode.St) CheckStored(warp, ref op, lane);
        if (access == Access.Atomic || opcode is PtxOpcode.Ld or PtxOpcode.St) races.Ordered(warp, ref op, address, access);
        if (map?.Shadow(address, out int at) is { } shadow) Memory(warp, ref op, lane, shadow.AsSpan(at, bytes), access, map.Describe(address, warp.Block.Launch.ParameterAt));
        else if (access == Access.Read) Memory(warp, ref op, lane, default, access, "");
    }

    /// <summary>Parameters have values.</summary>
    public void Parameter(Warp warp, ref Op op, int lane) => Memory(warp, ref op, lane, default, Access.Read, "");

    public void LocalWritten(Warp warp, int lane, int offset, int bytes) => localShadow.AsSpan(LocalStart(warp, lane) + offset, bytes).Clear();

    /// <summary>A shuffle: the value comes with its undefined bits; lanes that do not take part have no value.</summary>
    public void Shuffled(Warp warp, ref Op op, int lane, int from, uint mask)
    {
        Frame frame = warp.Frame;
        WarpShadow shadow = warp.Shadow!;
        if (lane == BitOperations.TrailingZeroCount(mask))
            for (int i = 0; i < Warp.Lanes; i++) fromLane[i] = (mask >> i & 1) == 0 ? ulong.MaxValue : shadow[frame, op.A, i] | ValueFlow.All(shadow[frame, op.B, i] & uint.MaxValue);
        shadow[frame, op.D, lane] = fromLane[from];
        if (op.Q >= 0) shadow.SetPredicate(frame, op.Q >> 1, 0, 1u << lane);
    }

    /// <summary>A warp-wide instruction or aligned barrier runs without lanes that it needs.</summary>
    public void MissingMembers(Warp warp, Frame frame, int pc, uint mask)
    {
        ref Op op = ref frame.Code.Ops[pc];
        throw RuntimeErrors.DivergentBarrier(warp.Block.Launch.Entry.Function.Name,
            $"{warp.Place(op.Instruction)}: only lanes 0x{mask:X8} of warp {warp.Index} are here, lanes 0x{~warp.Exited & ~mask:X8} are elsewhere");
    }

    public void BlockStarts(Block block)
    {
        races = new SharedRaces(block);
        Array.Resize(ref sharedShadow, block.SharedBytes);
        Array.Fill(sharedShadow, (byte)0xFF);
        Array.Resize(ref localShadow, checked(block.LocalBytes * block.Warps.Length * Warp.Lanes));
        Array.Fill(localShadow, (byte)0xFF);
    }

    public void FrameEntered(Warp warp, Frame frame, uint mask) => (warp.Shadow ??= new WarpShadow()).Enter(frame, mask);

    public void Arrived(Warp warp, int barrier, ref Op op) => races.Arrived(warp, barrier, ref op);

    public void BarrierCompleted(Block block, int id) => races.Completed(id);

    private static void CheckAddresses(Warp warp, ref Op op, uint mask, Frame frame, WarpShadow shadow)
    {
        foreach (int row in op.Touched!.Addresses)
            for (uint m = mask; m != 0; m &= m - 1)
                if (shadow[frame, row, BitOperations.TrailingZeroCount(m)] != 0) throw Undefined(warp, ref op, BitOperations.TrailingZeroCount(m), "the address has no value");
    }

    private static void CheckSources(Warp warp, ref Op op, uint mask, Frame frame, WarpShadow shadow)
    {
        foreach (int row in op.Touched!.Sources)
            for (uint m = mask; m != 0; m &= m - 1)
                if ((shadow[frame, row, BitOperations.TrailingZeroCount(m)] & ValueFlow.Width(op.Instruction.Type)) != 0)
                    throw Undefined(warp, ref op, BitOperations.TrailingZeroCount(m), "an operand has no value");
        foreach (int number in op.Touched.SourcePredicates)
            if ((shadow.Predicate(frame, number) & mask) is var lanes and not 0) throw Undefined(warp, ref op, BitOperations.TrailingZeroCount(lanes), "a predicate has no value");
    }

    /// <summary>What a kernel stores to global memory must have a value.</summary>
    private static void CheckStored(Warp warp, ref Op op, int lane)
    {
        ulong keep = ValueFlow.Width(op.Instruction.Type);
        foreach (int row in op.Rows ?? [op.B])
            if ((warp.Shadow![warp.Frame, row, lane] & keep) != 0) throw Undefined(warp, ref op, lane, "the stored value has no value on this path");
    }

    /// <summary>Undefined bits between memory and registers.</summary>
    private static void Memory(Warp warp, ref Op op, int lane, Span<byte> memory, Access access, string where)
    {
        switch (op.Instruction.Opcode)
        {
            case PtxOpcode.Ld or PtxOpcode.Ldu: ValueFlow.Load(warp, ref op, lane, memory); break;
            case PtxOpcode.St: ValueFlow.Store(warp, ref op, lane, memory); break;
            case PtxOpcode.Ldmatrix: ValueFlow.LoadMatrix(warp, ref op, lane, memory); break;
            case PtxOpcode.WmmaLoad:
                // Followed coarsely: matrices are tiles that are loaded whole.
                if (memory.ContainsAnyExcept((byte)0)) throw Undefined(warp, ref op, lane, $"{where} has not been written");
                foreach (int row in op.Rows!) warp.Shadow![warp.Frame, row, lane] = 0;
                break;
            default:
                bool initialises = access == Access.Write || op.Instruction.Opcode == PtxOpcode.MbarrierInit;
                if (!initialises && memory.ContainsAnyExcept((byte)0)) throw Undefined(warp, ref op, lane, $"{where} has not been written");
                memory.Clear();
                break;
        }
    }

    private static int LocalStart(Warp warp, int lane) => (warp.Index * Warp.Lanes + lane) * warp.Block.LocalBytes;

    private static MmkException Undefined(Warp warp, ref Op op, int lane, string what)
        => RuntimeErrors.Uninitialised(warp.Block.Launch.Entry.Function.Name, $"{warp.Place(op.Instruction)}: {what}, {warp.Block.Launch.Thread(warp, lane)}");
}
