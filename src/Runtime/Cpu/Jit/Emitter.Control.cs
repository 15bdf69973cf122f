using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// The flow between blocks. Blocks that lanes reach together are joined by plain branches. Where lanes are apart, each
/// block has a mask; blocks are visited in layout order, a branch adds its lanes to the masks of its targets, a block with an empty mask is
/// skipped, and a back edge is taken while any lane wants it.
/// </summary>
internal sealed unsafe partial class Emitter
{
    private void WriteBlock(Block b)
    {
        block = b;
        il.Mark(labels[b]);
        mask = null;
        if (masks.TryGetValue(b, out LocalBuilder[]? incoming))
        {
            LoadAny(incoming);
            il.Branch(OpCodes.Brfalse, After(b));
            mask = NewMasks();
            for (int slice = 0; slice < slices; slice++)
            {
                il.Load(incoming[slice]);
                il.Store(mask[slice]);
            }
            ClearMasks(incoming);
        }
        predicate = mask;
        ReloadLate(b);
        WriteBody(b);
        switch (b.End)
        {
            case BlockEnd.Barrier: WriteBarrier(b); break;
            case BlockEnd.Exit: Leave(b); break;
            default: WriteJump(b); break;
        }
        if (mask is null) return;
        foreach (LocalBuilder local in mask) il.Release(local);
    }

    private void WriteBody(Block b)
    {
        Dictionary<Reg, int> last = LastUses(b);
        ClearFragments();
        for (int n = 0, next; n < b.Body.Count; n = next)
        {
            written.Add((b, b.Body[n], il.Fill));
            next = n + (StoreSquare(b, n) ? lanes : 1);
            if (next == n + 1) Write(b.Body[n]);
            for (int done = n; done < next; done++)
            {
                ForgetFragments(b.Body[done]);
                foreach (Reg register in b.Body[done].Reads().Concat(b.Body[done].Targets.OfType<Reg>()))
                    if (last.TryGetValue(register, out int at) && at == done) ReleaseLocals(register);
            }
        }
    }

    /// <summary>Where the registers that never leave the block are used last; the branch at the end keeps its own.</summary>
    private static Dictionary<Reg, int> LastUses(Block b)
    {
        var last = new Dictionary<Reg, int>();
        for (int n = 0; n < b.Body.Count; n++)
            foreach (Reg register in b.Body[n].Reads().Concat(b.Body[n].Targets.OfType<Reg>()))
                if (register.BlockLocal) last[register] = n;
        if (b.Guard is not null) last.Remove(b.Guard);
        if (b.Barrier is not null)
            foreach (Reg register in b.Barrier.Reads()) last.Remove(register);
        return last;
    }

    /// <summary>Pushes whether a mask has any lane.</summary>
    private void LoadAny(LocalBuilder[] tested)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            il.Load(tested[slice]);
            if (slice > 0) il.Call(kit.Operator("op_BitwiseOr", ValueKind.I32));
        }
        MaskBits();
    }

    /// <summary>Where the walk over blocks goes on while lanes are apart.</summary>
    private Label After(Block b) => plan.Divergence.After(b, region.Blocks) is { } after ? labels[after] : finish;

    private void GoAfter(Block b)
    {
        Block? after = plan.Divergence.After(b, region.Blocks);
        int place = region.Blocks.IndexOf(b);
        bool falls = after is null ? place == region.Blocks.Count - 1 : place + 1 < region.Blocks.Count && region.Blocks[place + 1] == after;
        if (!falls) il.Branch(OpCodes.Br, After(b));
    }

    private void Leave(Block b)
    {
        if (mask is not null)
        {
            GoAfter(b);
            return;
        }
        LeaveTogether(-1);
    }

    private void WriteJump(Block b)
    {
        bool parts = b.End == BlockEnd.Branch && b.Taken != b.Next && (b.Guard!.Shape.IsVarying || (!b.Guard.Shape.Warp && b.Wide));
        if (mask is null && !parts)
        {
            WritePlainJump(b);
            return;
        }
        foreach (Block target in b.Successors)
        {
            if (!masks.TryGetValue(target, out LocalBuilder[]? into)) continue;
            bool conditional = b.End == BlockEnd.Branch && b.Taken != b.Next;
            for (int slice = 0; slice < slices; slice++)
            {
                if (mask is not null)
                {
                    il.Load(into[slice]);
                    il.Load(mask[slice]);
                }
                if (conditional)
                {
                    bool negated = b.GuardNegated == (target == b.Taken);
                    LoadVector(new Arg { Register = b.Guard }, ValueKind.Pred, slice);
                    if (negated) il.Call(kit.Operator("op_OnesComplement", ValueKind.Pred));
                    if (mask is not null) il.Call(kit.Operator("op_BitwiseAnd", ValueKind.I32));
                }
                if (mask is not null) il.Call(kit.Operator("op_BitwiseOr", ValueKind.I32));
                il.Store(into[slice]);
            }
        }
        foreach (Block target in b.Successors)
        {
            if (target.Order > b.Order || !labels.ContainsKey(target)) continue;
            if (!masks.TryGetValue(target, out LocalBuilder[]? waiting)) throw new NotCompilableException(b.Body.Count > 0 ? b.Body[^1].Line : 0, "a loop whose lanes part at its end but not at its start");
            PollStop(b);
            LoadAny(waiting);
            il.Branch(OpCodes.Brtrue, labels[target]);
        }
        GoAfter(b);
    }

    /// <summary>All lanes take the same way.</summary>
    private void WritePlainJump(Block b)
    {
        foreach (Block target in b.Successors)
            if (target.Order <= b.Order && labels.ContainsKey(target)) PollStop(b);
        int place = region.Blocks.IndexOf(b);
        Block? following = place + 1 < region.Blocks.Count ? region.Blocks[place + 1] : null;
        if (b.End == BlockEnd.Branch && b.Taken != b.Next)
        {
            LoadScalar(new Arg { Register = b.Guard }, ValueKind.Pred, 0);
            if (masks.ContainsKey(b.Taken!))
            {
                Label otherwise = il.NewLabel();
                il.Branch(b.GuardNegated ? OpCodes.Brtrue : OpCodes.Brfalse, otherwise);
                FillMasks(b.Taken!);
                il.Branch(OpCodes.Br, labels[b.Taken!]);
                il.Mark(otherwise);
            }
            else il.Branch(b.GuardNegated ? OpCodes.Brfalse : OpCodes.Brtrue, labels[b.Taken!]);
        }
        FillMasks(b.Next!);
        if (following != b.Next) il.Branch(OpCodes.Br, labels[b.Next!]);
    }

    private void FillMasks(Block target)
    {
        if (!masks.TryGetValue(target, out LocalBuilder[]? into)) return;
        foreach (LocalBuilder local in into)
        {
            il.Call(kit.Constant("AllBitsSet", ValueKind.I32));
            il.Store(local);
        }
    }

    private void WriteBarrier(Block b)
    {
        Instr? barrier = b.Barrier;
        if (mask is not null && barrier is not null)
        {
            // Lanes that wait at another barrier already: the kernel's fault, or more than the JIT can follow.
            Label clear = il.NewLabel();
            il.Load(next);
            il.Int(-1);
            il.Branch(OpCodes.Beq, clear);
            WriteFault(KernelFault.DivergentBarrier, barrier.Line);
            il.Mark(clear);
        }
        if (barrier is { Opcode: PtxOpcode.BarRed }) Arrive(barrier);
        SaveLive(b.Next!, barrier);
        for (int slice = 0; slice < slices; slice++)
        {
            LoadSlicePlace(nameof(LaunchContext.Masks), slice);
            LoadMaskBits(mask, slice);
            il.Emit(OpCodes.Stind_I4);
        }
        if (mask is null) LeaveTogether(plan.RegionAt(b.Next!));
        else
        {
            il.Int(plan.RegionAt(b.Next!));
            il.Store(next);
            GoAfter(b);
        }
    }

    /// <summary>Counts the arriving threads, and those whose predicate holds.</summary>
    private void Arrive(Instr barrier)
    {
        Arg condition = barrier.Values[^1];
        for (int slice = 0; slice < slices; slice++)
        {
            Count(nameof(LaunchContext.BarrierTrue), () =>
            {
                LoadVector(condition, ValueKind.Pred, slice);
                MaskBits();
                LoadMaskBits(mask, slice);
                il.Emit(OpCodes.And);
            });
            Count(nameof(LaunchContext.BarrierArrived), () => LoadMaskBits(mask, slice));
        }

        void Count(string field, Action bits)
        {
            il.Argument(0);
            Context(field);
            bits();
            il.Call(ScalarMath.Method(nameof(ScalarMath.Popc32)));
            il.Emit(OpCodes.Add);
            il.SetField(fields[field]);
        }
    }

    /// <summary>At the end of a loop, where launches have a limit of time: looks whether it is over.</summary>
    private void PollStop(Block b)
    {
        if (!plan.Stoppable) return;
        Label stop = il.NewLabel();
        int at = b.Body.Count > 0 ? b.Body[^1].Line : 0;
        il.Argument(0);
        il.Emit(OpCodes.Volatile);      // another thread writes it
        il.Field(fields[nameof(LaunchContext.Stop)]);
        il.Branch(OpCodes.Brtrue, stop);
        seldom.Add(() =>
        {
            il.Mark(stop);
            WriteFault(KernelFault.StillRunning, at);
        });
    }

    /// <summary>Stops the kernel: the scheduler reports the fault.</summary>
    private void WriteFault(KernelFault fault, int line)
    {
        il.Argument(0);
        il.Int(line);
        il.SetField(fields[nameof(LaunchContext.FaultLine)]);
        il.Argument(0);
        il.Int((int)fault);
        il.SetField(fields[nameof(LaunchContext.Fault)]);
        il.Emit(OpCodes.Ret);
    }
}
