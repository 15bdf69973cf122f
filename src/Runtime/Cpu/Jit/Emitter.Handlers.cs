using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Instructions that run through the interpreter's handlers, and those that access memory lane by lane in helpers.</summary>
internal sealed unsafe partial class Emitter
{
    private const int RowBytes = 32 * 8;

    /// <summary>Leaves the instruction to the interpreter's handler, for a slice or, where lanes exchange values, for the warp.</summary>
    private void EmitByHandler(Instr i)
    {
        if (i.Addresses.Length > 0 || Array.Exists(i.Values, v => v.Special is not null || v.Symbol is not null)) throw new NotCompilableException(i.Line, $"`{i.Operation.Text}`");
        int op = plan.Handlers.Find(i);
        bool together = slices > 1 && i.Opcode is PtxOpcode.MatchSync or PtxOpcode.ReduxSync or PtxOpcode.VoteSync or PtxOpcode.ElectSync or PtxOpcode.Mma or PtxOpcode.WmmaMma or PtxOpcode.Movmatrix;
        if (together)
        {
            for (int slice = 0; slice < slices; slice++) FillRows(i, slice, slice * lanes);
            RunHandler(op, () => LoadWarpBits(predicate));
            for (int slice = 0; slice < slices; slice++) ReadRows(i, slice, slice * lanes);
            return;
        }
        for (int slice = 0; slice < slices; slice++)
        {
            FillRows(i, slice, 0);
            RunHandler(op, () => LoadMaskBits(null, 0));
            ReadRows(i, slice, 0);
        }
    }

    private void RunHandler(int op, Action mask)
    {
        il.Argument(0);
        il.Int(op);
        mask();
        il.Call(typeof(HandlerTable).GetMethod(nameof(HandlerTable.Run))!);
    }

    /// <summary>Writes the sources' lanes into their rows, from a lane on; lanes are 64 bits wide there, predicates one.</summary>
    private void FillRows(Instr i, int slice, int lane)
    {
        foreach (Arg value in i.Values)
        {
            if (value.Register is not { } register) continue;
            Arg plain = new() { Register = register };
            int place = plan.Handlers.PlaceOf(register);
            if (register.Kind == ValueKind.Pred)
            {
                LoadPredicatePlace(place);
                if (lane > 0)
                {
                    il.Emit(OpCodes.Dup);
                    il.Emit(OpCodes.Ldind_I4);
                }
                LoadVector(plain, ValueKind.Pred, slice);
                MaskBits();
                if (lane > 0)
                {
                    il.Int(lane);
                    il.Emit(OpCodes.Shl);
                    il.Emit(OpCodes.Or);
                }
                il.Emit(OpCodes.Stind_I4);
                continue;
            }
            for (int part = 0; part < 2; part++)
            {
                LoadRowPlace(place, lane, part);
                if (register.Kind.Is64()) LoadVector(plain, ValueKind.I64, slice, part);
                else
                {
                    LoadVector(plain, ValueKind.I32, slice);
                    WidenUnsigned(part);
                }
                il.StoreObject(kit.Vector(ValueKind.I64));
            }
        }
    }

    private void LoadRowPlace(int place, int lane, int part)
    {
        Context(nameof(LaunchContext.Rows));
        il.Displace((long)place * RowBytes + lane * 8 + part * kit.Bytes);
    }

    private void LoadPredicatePlace(int place)
    {
        Context(nameof(LaunchContext.Predicates));
        il.Displace(place * 4L);
    }

    private void ReadRows(Instr i, int slice, int lane)
    {
        foreach (Reg? target in i.Targets)
        {
            if (target is null) continue;
            int place = plan.Handlers.PlaceOf(target);
            if (target.Shape.IsScalar) ReadRowScalar(target, place, slice, lane);
            else if (target.Kind == ValueKind.Pred)
            {
                LoadPredicatePlace(place);
                il.Emit(OpCodes.Ldind_U4);
                il.Int(lane);
                il.Emit(OpCodes.Shr_Un);
                ExpandMaskBits();
                StoreVector(target, slice);
            }
            else if (target.Kind.Is64())
            {
                for (int part = 0; part < 2; part++)
                {
                    LoadRowPlace(place, lane, part);
                    il.LoadObject(kit.Vector(target.Kind));
                    StoreVector(target, slice, part);
                }
            }
            else
            {
                for (int part = 0; part < 2; part++)
                {
                    LoadRowPlace(place, lane, part);
                    il.LoadObject(kit.Vector(ValueKind.I64));
                }
                il.Call(kit.Typed("Narrow", ValueKind.I64, kit.Vector(ValueKind.I64)));
                CutToShort(target);
                Reinterpret(ValueKind.I32, target.Kind);
                StoreVector(target, slice);
            }
        }
    }

    private void ReadRowScalar(Reg target, int place, int slice, int lane)
    {
        if (slice >= ScalarCount(target)) return;
        if (target.Kind == ValueKind.Pred)
        {
            LoadPredicatePlace(place);
            il.Emit(OpCodes.Ldind_U4);
            il.Int(lane);
            il.Emit(OpCodes.Shr_Un);
            il.Int(1);
            il.Emit(OpCodes.And);
        }
        else
        {
            LoadRowPlace(place, lane, 0);
            // The handler writes active lanes only: the first of those has the value that all share.
            if (predicate is not null)
            {
                if (slices > 1) LoadWarpBits(predicate);
                else LoadMaskBits(predicate, 0);
                il.Call(ScalarMath.Method(nameof(ScalarMath.TrailingZeros)));
                il.Int(8);
                il.Emit(OpCodes.Mul);
                il.Emit(OpCodes.Conv_I);
                il.Emit(OpCodes.Add);
            }
            LoadIndirect(target.Kind);
            if (target.Type.Bits() <= 16) il.Emit(OpCodes.Conv_U2);
        }
        StoreScalar(target, slice);
    }

    /// <summary>atom and red: addresses in slot 0, operands in slots 1 and 2, old values in slot 3.</summary>
    private void EmitAtomic(Instr i)
    {
        ValueKind kind = ValueKinds.Of(i.Type)!.Value;
        int operands = i.Operation.Reduction == PtxReduction.Cas ? 2 : 1;
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(i, i.Addresses[0], slice);
            SpillAddresses(i.Addresses[0], i.Operation.Space, slice);
            CheckLanes(i.Addresses[0], i.Operation.Space, 0, i.Type.Bytes(), () => LoadMaskBits(predicate, slice));
            for (int v = 0; v < operands; v++) SpillVector(i.Values[v], kind, slice, 1 + v, 0);
            il.Load(scratch);
            il.Int((int)i.Operation.Reduction);
            il.Int((int)i.Type);
            LoadMaskBits(predicate, slice);
            il.Call(MemoryOps.Method(nameof(MemoryOps.Atomic)));
            if (i.Targets is not [{ } target]) continue;
            if (target.Shape.IsScalar) throw new InvalidOperationException($"{i.Source}: shape {target.Shape}");
            FillGathered(i.Type, target, slice, 3);
        }
    }
}
