using System.Numerics;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

internal sealed unsafe partial class Warp
{
    private const int DepthAtMost = 512;

    private readonly Dictionary<Code, int> specialBases = [];
    private ulong* specials;

    /// <summary>Everything but plain instructions and branches. Returns false when the group cannot go on, having parked or ended its lanes.</summary>
    private bool Control(ref Group group, ref Op op, ref int pc, uint active, uint mask, bool first)
    {
        switch (op.Kind)
        {
            case OpKind.Nothing:
                pc++;
                return true;
            case OpKind.Yield:
                if (mask != 0) op.Run(this, ref op, mask);
                if (!YieldRequested)
                {
                    pc++;
                    return true;
                }
                if (groups.Count > 0) group.Turns++;
                Park(ref group, pc + 1, active, GroupState.Runnable);
                return false;
            case OpKind.Synchronous:
                if (!first && mask != 0 && (Members(ref op, mask) & ~mask & ~Exited) != 0)
                {
                    Park(ref group, pc, active, GroupState.AtSynchronous);
                    return false;
                }
                if (mask != 0) op.Run(this, ref op, mask);
                pc++;
                return true;
            case OpKind.BranchIndexed: BranchIndexed(ref group, ref op, pc, active, mask); return false;
            case OpKind.Exit:
                Exit(mask);
                return Rest(ref group, ref pc, active & ~mask);
            case OpKind.Return:
                if (mask != 0) Return(ref group, mask);
                return Rest(ref group, ref pc, active & ~mask);
            case OpKind.Call:
                Call(ref group, ref op, pc, active, mask);
                return false;
            default: return Barrier(ref group, ref op, ref pc, active, mask, first);
        }
    }

    /// <summary>Lanes whose guard was false go on behind an exit or return.</summary>
    private bool Rest(ref Group group, ref int pc, uint rest)
    {
        if (rest != 0) Park(ref group, pc + 1, rest, GroupState.Runnable);
        return false;
    }

    private void Exit(uint mask)
    {
        Exited |= mask;
        Block.LanesExited();
    }

    private void Return(ref Group group, uint mask)
    {
        Frame frame = group.Frame;
        if (frame.Caller is null)
        {
            Exit(mask);
            return;
        }
        var call = (CallSite)frame.Caller.Code.Ops[frame.CallOp].Data!;
        Calls.CopyReturns(this, frame, call, mask);
        Group back = group;
        back.Frame = frame.Caller;
        Park(ref back, frame.CallOp + 1, mask, GroupState.Runnable);
    }

    private void Call(ref Group group, ref Op op, int pc, uint active, uint mask)
    {
        if ((active & ~mask) != 0)
        {
            Group rest = group;
            Park(ref rest, pc + 1, active & ~mask, GroupState.Runnable);
        }
        var call = (CallSite)op.Data!;
        while (mask != 0)
        {
            // An indirect call may go to several functions: one group for each.
            int lane = BitOperations.TrailingZeroCount(mask);
            uint together = mask;
            Code target = call.Target!;
            if (target is null)
            {
                ulong* addresses = Row(op.A);
                together = 0;
                for (uint m = mask; m != 0; m &= m - 1)
                    if (addresses[BitOperations.TrailingZeroCount(m)] == addresses[lane]) together |= m & (0 - m);
                target = Block.Launch.Program.FunctionAt(addresses[lane], op.Instruction);
            }
            Enter(group, call, target, pc, together, ref op);
            mask &= ~together;
        }
    }

    private void Enter(Group group, CallSite call, Code target, int pc, uint mask, ref Op op)
    {
        Frame caller = group.Frame;
        var frame = new Frame(target, caller, pc, caller.RowBase + caller.Code.Rows, caller.PredicateBase + caller.Code.Predicates, caller.LocalBase + caller.Code.FrameBytes);
        if (frame.Depth > DepthAtMost || frame.LocalBase + target.FrameBytes > Block.LocalBytes)
            throw RuntimeErrors.Fault(Block.Launch.Entry.Function.Name, $"PTX line {op.Instruction.Line}: calls are nested {frame.Depth} deep and need more than {Block.LocalBytes} bytes of local memory per thread");
        Reserve(frame.RowBase + target.Rows, frame.PredicateBase + target.Predicates);
        EnterFrame(caller);
        predicates[frame.PredicateBase] = 0;
        FillSpecials(target);
        Block.Sanitizer?.FrameEntered(this, frame, mask);
        Calls.CopyArguments(this, frame, call, mask);
        Group entered = group;
        entered.Frame = frame;
        Park(ref entered, 0, mask, GroupState.Runnable);
    }

    private void BranchIndexed(ref Group group, ref Op op, int pc, uint active, uint mask)
    {
        var targets = (int[])op.Data!;
        ulong* index = Row(op.A);
        if ((active & ~mask) != 0) Park(ref group, pc + 1, active & ~mask, GroupState.Runnable);
        while (mask != 0)
        {
            uint chosen = (uint)index[BitOperations.TrailingZeroCount(mask)];
            uint together = 0;
            for (uint m = mask; m != 0; m &= m - 1)
                if ((uint)index[BitOperations.TrailingZeroCount(m)] == chosen) together |= m & (0 - m);
            if (chosen >= targets.Length) throw Fault(ref op, $"index {chosen} of {targets.Length} branch targets");
            Park(ref group, targets[chosen], together, GroupState.Runnable);
            mask &= ~together;
        }
    }

    private bool Barrier(ref Group group, ref Op op, ref int pc, uint active, uint mask, bool first)
    {
        if (mask == 0)
        {
            pc++;
            return true;
        }
        if (!first && op.Immediate != 0 && mask != ~Exited)
        {
            Park(ref group, pc, active, GroupState.AtSynchronous);
            return false;
        }
        int lane = BitOperations.TrailingZeroCount(mask);
        int id = (int)Row(op.A)[lane];
        int threads = op.B < 0 ? -1 : (int)Row(op.B)[lane];
        if ((uint)id > 15) throw Fault(ref op, $"barrier {id} is not between 0 and 15");
        if (op.Kind == OpKind.BarrierReduce) Block.Reduce(id, this, mask & Lanes32(op.P), mask);
        if (op.Kind == OpKind.BarrierArrive)
        {
            Block.Arrive(id, this, mask, threads, waits: false, ref op);
            pc++;
            return true;
        }
        if ((active & ~mask) != 0) Park(ref group, pc + 1, active & ~mask, GroupState.Runnable);
        group.Barrier = id;
        Park(ref group, pc, mask, GroupState.AtBarrier);
        Block.Arrive(id, this, mask, threads, waits: true, ref op);
        return false;
    }

    /// <summary>Lets the groups that wait at a barrier go on; a reduction's result is written to them.</summary>
    public void Release(int barrier, uint count, uint allTrue, uint anyTrue)
    {
        for (int i = 0; i < groups.Count; i++)
        {
            Group group = groups[i];
            if (group.State != GroupState.AtBarrier || group.Barrier != barrier) continue;
            ref Op op = ref group.Frame.Code.Ops[group.Pc];
            if (op.Kind == OpKind.BarrierReduce)
            {
                Frame? running = Frame;
                EnterFrame(group.Frame);
                WriteReduction(ref op, group.Mask, count, allTrue, anyTrue);
                if (running is not null) EnterFrame(running);
            }
            group.Pc++;
            group.State = GroupState.Runnable;
            groups[i] = group;
        }
    }

    private void WriteReduction(ref Op op, uint mask, uint count, uint allTrue, uint anyTrue)
    {
        switch (op.Instruction.Operation.Reduction)
        {
            case PtxReduction.And: SetPredicate(op.Q, allTrue, mask); break;
            case PtxReduction.Or: SetPredicate(op.Q, anyTrue, mask); break;
            default:
                ulong* d = Row(op.D);
                for (uint m = mask; m != 0; m &= m - 1) d[BitOperations.TrailingZeroCount(m)] = count;
                break;
        }
    }

    /// <summary>The lanes that must be at a synchronous instruction: by the member mask of its first active lane, or all for an aligned barrier.</summary>
    private uint Members(ref Op op, uint mask)
        => op.Kind != OpKind.Synchronous ? uint.MaxValue : op.C < 0 ? mask : (uint)Row(op.C)[BitOperations.TrailingZeroCount(mask)];

    private bool ReadySynchronous(int index)
    {
        Group group = groups[index];
        EnterFrame(group.Frame);
        ref Op op = ref group.Frame.Code.Ops[group.Pc];
        uint mask = group.Mask & Lanes32(op.Guard);
        return mask == 0 || (Members(ref op, mask) & ~mask & ~Exited) == 0;
    }

    /// <summary>No group can run, so nobody will join.</summary>
    private bool OthersCannotCome(int index)
    {
        for (int i = 0; i < groups.Count; i++)
            if (i != index && groups[i].State == GroupState.Runnable) return false;
        // Lanes at a barrier may still come when the other warps arrive there.
        uint waiting = 0;
        foreach (Group other in groups)
            if (other.State == GroupState.AtBarrier) waiting |= other.Mask;
        EnterFrame(groups[index].Frame);
        ref Op op = ref groups[index].Frame.Code.Ops[groups[index].Pc];
        uint mask = groups[index].Mask & Lanes32(op.Guard);
        return Block.Stuck || (Members(ref op, mask) & waiting) == 0;
    }

    public MmkException Fault(ref Op op, string what) => RuntimeErrors.Fault(Block.Launch.Entry.Function.Name, $"{Place(op.Instruction)}: {what}");

    /// <summary>The C# line where the PTX names it, else the PTX line.</summary>
    public string Place(PtxInstruction instruction) => Block.Launch.Program.Place(instruction);

    private void FillSpecials(Code code)
    {
        if (specialBases.ContainsKey(code))
        {
            FillSpecialRows(code, specialBases[code]);
            return;
        }
        int rowsBefore = specialBases.Sum(s => s.Key.Specials.Count);
        specials = (ulong*)Native.Grow(specials, (long)rowsBefore * Lanes * 8, (long)(rowsBefore + code.Specials.Count) * Lanes * 8);
        specialBases.Add(code, rowsBefore);
        FillSpecialRows(code, rowsBefore);
    }

    private void FillSpecialRows(Code code, int start)
    {
        for (int i = 0; i < code.Specials.Count; i++)
        {
            ulong* row = specials + (long)(start + i) * Lanes;
            for (int lane = 0; lane < Lanes; lane++) row[lane] = Special(code.Specials[i], lane);
        }
    }

    private ulong Special(PtxSpecialRegister register, int lane)
    {
        Launch launch = Block.Launch;
        int thread = Index * Lanes + lane;
        int x = launch.Block.X, y = launch.Block.Y;
        return register switch
        {
            PtxSpecialRegister.TidX => (ulong)(thread % x),
            PtxSpecialRegister.TidY => (ulong)(thread / x % y),
            PtxSpecialRegister.TidZ => (ulong)(thread / x / y),
            PtxSpecialRegister.NtidX => (ulong)x,
            PtxSpecialRegister.NtidY => (ulong)y,
            PtxSpecialRegister.NtidZ => (ulong)launch.Block.Z,
            PtxSpecialRegister.CtaidX => (ulong)Block.X,
            PtxSpecialRegister.CtaidY => (ulong)Block.Y,
            PtxSpecialRegister.CtaidZ => (ulong)Block.Z,
            PtxSpecialRegister.NctaidX => (ulong)launch.Grid.X,
            PtxSpecialRegister.NctaidY => (ulong)launch.Grid.Y,
            PtxSpecialRegister.NctaidZ => (ulong)launch.Grid.Z,
            PtxSpecialRegister.LaneId => (ulong)lane,
            PtxSpecialRegister.WarpId => (ulong)Index,
            PtxSpecialRegister.NwarpId => (ulong)Block.Warps.Length,
            PtxSpecialRegister.WarpSize => Lanes,
            PtxSpecialRegister.LanemaskEq => 1u << lane,
            PtxSpecialRegister.LanemaskLt => (1u << lane) - 1,
            PtxSpecialRegister.LanemaskLe => (uint)((2ul << lane) - 1),
            PtxSpecialRegister.LanemaskGt => ~(uint)((2ul << lane) - 1),
            PtxSpecialRegister.LanemaskGe => ~((1u << lane) - 1),
            PtxSpecialRegister.NsmId => 1,
            PtxSpecialRegister.DynamicSmemSize => (ulong)launch.DynamicSharedBytes,
            PtxSpecialRegister.TotalSmemSize => (ulong)Block.SharedBytes,
            PtxSpecialRegister.ClusterIdX => (ulong)Block.X,
            PtxSpecialRegister.ClusterIdY => (ulong)Block.Y,
            PtxSpecialRegister.ClusterIdZ => (ulong)Block.Z,
            PtxSpecialRegister.NclusterIdX => (ulong)launch.Grid.X,
            PtxSpecialRegister.NclusterIdY => (ulong)launch.Grid.Y,
            PtxSpecialRegister.NclusterIdZ => (ulong)launch.Grid.Z,
            PtxSpecialRegister.ClusterNctaidX or PtxSpecialRegister.ClusterNctaidY or PtxSpecialRegister.ClusterNctaidZ or PtxSpecialRegister.ClusterNctarank => 1,
            _ => 0,
        };
    }
}
