using System.Reflection.Emit;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;
using static MmKernels.Ptx.PtxOpcode;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>One instruction: its guard, and which part of the emitter writes it.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Of the current instruction, for errors.</summary>
    private int line;

    private void Write(Instr i)
    {
        line = i.Line;
        if (i.Guard is null)
        {
            Dispatch(i);
            return;
        }
        if (i.Guard.Shape.IsConstantInSlice && (i.Guard.Shape.Warp || !block.Wide))
        {
            Label skip = il.NewLabel();
            LoadScalar(new Arg { Register = i.Guard }, ValueKind.Pred, 0);
            il.Branch(i.GuardNegated ? OpCodes.Brtrue : OpCodes.Brfalse, skip);
            Dispatch(i);
            il.Mark(skip);
            return;
        }
        predicate = NewMasks();
        for (int slice = 0; slice < slices; slice++)
        {
            LoadVector(new Arg { Register = i.Guard, Negated = i.GuardNegated && i.Guard.Shape.IsVarying }, ValueKind.Pred, slice);
            if (i.GuardNegated && !i.Guard.Shape.IsVarying) il.Call(kit.Operator("op_OnesComplement", ValueKind.Pred));
            if (mask is not null)
            {
                il.Load(mask[slice]);
                il.Call(kit.Operator("op_BitwiseAnd", ValueKind.I32));
            }
            il.Store(predicate[slice]);
        }
        Dispatch(i);
        foreach (LocalBuilder local in predicate) il.Release(local);
        predicate = mask;
    }

    private void Dispatch(Instr i)
    {
        switch (i.Opcode)
        {
            case Ld or Ldu: EmitLoad(i); break;
            case St: EmitStore(i); break;
            case Mov when i.Values.Length > 1 || i.Targets.Length > 1: EmitPack(i); break;
            case BarWarpSync or Membar or Fence or Nanosleep or Prefetch or Prefetchu or Pmevent or Discard or Applypriority
                or CpAsyncCommitGroup or CpAsyncWaitAll or CpAsyncWaitGroup: break;
            case ShflSync or Shfl: EmitShuffle(i); break;
            case VoteSync or Vote when i.Values.Length < 2 || ShapeOf(i.Values[1]).IsUniform: EmitVote(i); break;
            case Activemask:
                LoadWarpBits(predicate);
                StoreWarpValue(i.Targets[0]);
                break;
            case Atom or Red: EmitAtomic(i); break;
            case Mma when MatrixShape.Of(i.Operation) is { } shape: EmitMultiply(i, shape); break;
            case WmmaLoad: EmitLoadFragment(i); break;
            case WmmaStore: EmitStoreFragment(i); break;
            case WmmaMma when WmmaFragment.OfProduct(i.Operation) is [_, { Type: PtxType.F16 or PtxType.BF16 or PtxType.TF32 }, ..] fragments: EmitFragmentProduct(i, fragments); break;
            case Ldmatrix: EmitLoadMatrix(i); break;
            case Stmatrix: EmitStoreMatrix(i); break;
            case CpAsync: EmitAsyncCopy(i); break;
            case Trap: WriteFault(KernelFault.Trap, i.Line); break;
            default: EmitPure(i); break;
        }
    }

    /// <summary>mov that joins or splits registers: 16-bit halves of 32 bits, 32-bit halves of 64 bits.</summary>
    private void EmitPack(Instr i)
    {
        bool wide = i.Type.Bits() == 64;
        if (i.Type.Bits() is not (32 or 64) || Math.Max(i.Values.Length, i.Targets.Length) != 2) throw new NotCompilableException(i.Line, $"`{i.Source}`");
        if (i.Targets.Length == 1) Join(i, wide);
        else Split(i, wide);
    }

    private void Join(Instr i, bool wide)
    {
        Reg target = i.Targets[0]!;
        ValueKind kind = wide ? ValueKind.I64 : ValueKind.I32;
        int shift = wide ? 32 : 16;
        for (int slice = 0; slice < slices; slice++)
        {
            if (target.Shape.IsScalar)
            {
                if (slice >= ScalarCount(target)) break;
                LoadScalar(i.Values[1], kind, slice);
                il.Int(shift);
                il.Emit(OpCodes.Shl);
                LoadScalar(i.Values[0], kind, slice);
                il.Emit(OpCodes.Or);
                ConvertScalar(kind, target.Kind);
                StoreScalar(target, slice);
                continue;
            }
            for (int part = 0; part < Parts(kind); part++)
            {
                LoadHalf(i.Values[1], wide, slice, part);
                il.Int(shift);
                il.Call(kit.Operator("op_LeftShift", kind));
                LoadHalf(i.Values[0], wide, slice, part);
                il.Call(kit.Operator("op_BitwiseOr", kind));
                Reinterpret(kind, target.Kind);
                StoreVector(target, slice, part);
            }
        }
    }

    private void LoadHalf(Arg value, bool wide, int slice, int part)
    {
        LoadVector(value, ValueKind.I32, slice);
        if (wide) WidenUnsigned(part);
    }

    private void Split(Instr i, bool wide)
    {
        ValueKind kind = wide ? ValueKind.I64 : ValueKind.I32;
        for (int slice = 0; slice < slices; slice++)
            for (int half = 0; half < 2; half++)
            {
                if (i.Targets[half] is not { } target) continue;
                if (target.Shape.IsScalar)
                {
                    if (slice >= ScalarCount(target)) continue;
                    LoadScalar(i.Values[0], kind, slice);
                    if (half == 1)
                    {
                        il.Int(wide ? 32 : 16);
                        il.Emit(OpCodes.Shr_Un);
                    }
                    il.Emit(wide ? OpCodes.Conv_I4 : OpCodes.Conv_U2);
                    ConvertScalar(ValueKind.I32, target.Kind);
                    StoreScalar(target, slice);
                    continue;
                }
                for (int part = 0; part < Parts(kind); part++)
                {
                    LoadVector(i.Values[0], kind, slice, part);
                    if (half == 0) continue;
                    il.Int(wide ? 32 : 16);
                    il.Call(kit.Operator("op_UnsignedRightShift", kind));
                }
                if (wide) il.Call(kit.Typed("Narrow", ValueKind.I64, kit.Vector(ValueKind.I64)));
                else if (half == 0) MaskLow(16);
                Reinterpret(ValueKind.I32, target.Kind);
                StoreVector(target, slice);
            }
    }

    /// <summary>
    /// Pops a 32-bit base that is about to be widened; pushes the 64-bit base. Where lanes wrap around it is right for those on one side of
    /// the edge, active ones if there are any; the flag of the conversion names the others.
    /// </summary>
    private void CheckWrap(Instr i, Shape shape, bool signed, int slice)
    {
        int flag = plan.Wraps.Written(i);
        if (flag < 0)
        {
            il.Emit(signed ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
            return;
        }
        bool together = slices > 1 && i.Targets[0]!.Shape.Warp;
        int count = together ? 32 : lanes;
        long reach = shape.Stride * (count - 1);
        LocalBuilder origin = il.NewLocal(typeof(int)), wide = il.NewLocal(typeof(long));
        Label wraps = il.NewLabel(), right = il.NewLabel();
        il.Keep(origin);
        il.Emit(signed ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        il.Store(wide);
        for (int s = slice; s < (together ? slices : slice + 1); s++)
        {
            LoadWrapFlag(flag, s);
            il.Int(0);
            il.Emit(OpCodes.Stind_I4);
        }
        il.Load(origin);
        il.Int((int)reach);
        il.Emit(OpCodes.Add);
        il.Emit(signed ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        il.Load(wide);
        il.Long(reach);
        il.Emit(OpCodes.Add);
        il.Branch(OpCodes.Bne_Un, wraps);
        il.Mark(right);
        il.Load(wide);
        LocalBuilder[]? active = predicate;
        LocalBuilder[]? named = i.Within is null ? null : Locals(i.Within);
        seldom.Add(() =>
        {
            il.Mark(wraps);
            il.Load(origin);
            il.Long(shape.Stride);
            il.Int(count);
            if (together) LoadWarpBits(active);
            else LoadMaskBits(active, slice);
            if (i.Within is { } within) LoadWithin(within, named!, i.WithinNegated, together, slice);
            il.Int(signed ? 1 : 0);
            LoadWrapFlag(flag, slice);
            il.Int(plan.SaveStride);
            il.Int(lanes);
            il.Call(ScalarMath.Method(nameof(ScalarMath.WrappedBase)));
            il.Store(wide);
            il.Branch(OpCodes.Br, right);
        });
        il.Release(origin);
        il.Release(wide);
    }

    /// <summary>Takes the lanes on the stack that the text's predicate does not name away; the predicate lies where it lay then.</summary>
    private void LoadWithin(Reg within, LocalBuilder[] held, bool negated, bool together, int slice)
    {
        LocalBuilder?[]? now = locals[within.Index];
        locals[within.Index] = held;
        Arg named = new() { Register = within };
        if (together) LoadWarpBits(named);
        else
        {
            LoadVector(named, ValueKind.Pred, slice);
            MaskBits();
        }
        if (negated) il.Emit(OpCodes.Not);
        il.Emit(OpCodes.And);
        locals[within.Index] = now;
    }

    /// <summary>Pushes the place of a flag of <see cref="WrapFlags"/>.</summary>
    private void LoadWrapFlag(int flag, int slice)
    {
        il.Load(save);
        il.Displace((long)slice * plan.SaveStride + plan.WrapsOffset + 4 * flag);
    }

    /// <summary>Stops the kernel where an active lane's address lies beyond an edge that its slice's base is not right for.</summary>
    private void GuardWraps(Instr i, Arg address, int slice)
    {
        bool any = false;
        foreach (int flag in plan.Wraps.Read(address.Register))
        {
            LoadWrapFlag(flag, slice);
            il.Emit(OpCodes.Ldind_U4);
            if (any) il.Emit(OpCodes.Or);
            any = true;
        }
        if (!any) return;
        Label wrapped = il.NewLabel(), clear = il.NewLabel();
        il.Branch(OpCodes.Brtrue, wrapped);
        il.Mark(clear);
        LocalBuilder[]? active = predicate;
        seldom.Add(() =>
        {
            il.Mark(wrapped);
            foreach (int flag in plan.Wraps.Read(address.Register))
            {
                LoadWrapFlag(flag, slice);
                il.Emit(OpCodes.Ldind_U4);
                LoadMaskBits(active, slice);
                il.Emit(OpCodes.And);
            }
            for (int n = plan.Wraps.Read(address.Register).Count(); n > 1; n--) il.Emit(OpCodes.Or);
            il.Branch(OpCodes.Brfalse, clear);
            WriteFault(KernelFault.IndexWrap, i.Line);
        });
    }
}
