using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Pure instructions: which of the scalar, vector and lane-by-lane forms is written.</summary>
internal sealed unsafe partial class Emitter
{
    /// <summary>Bytes of a scratch slot: 32 lanes of 64 bits.</summary>
    public const int SlotBytes = 256;

    private void EmitPure(Instr i)
    {
        if (i.Targets.Length == 0)
        {
            EmitByHandler(i);
            return;
        }
        bool scalars = Array.TrueForAll(i.Values, v => ShapeOf(v).IsConstantInSlice);
        if (Array.TrueForAll(i.Targets, t => t is null || t.Shape.IsScalar) && TryScalars(i)) return;
        if (scalars && TryBroadcast(i)) return;
        if (TryVectors(i) || TryLanes(i)) return;
        EmitByHandler(i);
    }

    private bool TryScalars(Instr i)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            for (int target = 0; target < i.Targets.Length; target++)
            {
                if (i.Targets[target] is not { } register || slice >= ScalarCount(register)) continue;
                if (!ScalarOp(i, target, slice)) return false;
                // A second target must not read what the first one wrote.
                if (i.Targets.Length == 1)
                {
                    StoreScalar(register, slice);
                    continue;
                }
                LocalBuilder held = il.NewLocal(SimdKit.Element(register.Kind));
                il.Store(held);
                pending.Add((register, slice, held));
            }
            foreach ((Reg register, int at, LocalBuilder held) in pending)
            {
                il.Load(held);
                StoreScalar(register, at);
                il.Release(held);
            }
            pending.Clear();
        }
        return true;
    }

    private readonly List<(Reg, int, LocalBuilder)> pending = [];

    /// <summary>One scalar evaluation, spread over the lanes of a vector register.</summary>
    private bool TryBroadcast(Instr i)
    {
        if (i.Targets.Length != 1 || i.Targets[0] is not { } target || target.Shape.IsScalar) return false;
        for (int slice = 0; slice < slices; slice++)
        {
            if (!ScalarOp(i, 0, slice)) return false;
            SpreadScalar(target, slice);
        }
        return true;
    }

    /// <summary>Pops a scalar of the register's kind into all lanes of its vectors.</summary>
    private void SpreadScalar(Reg target, int slice)
    {
        LocalBuilder? held = Parts(target.Kind) == 2 ? il.NewLocal(SimdKit.Element(target.Kind)) : null;
        if (held is not null) il.Store(held);
        for (int part = 0; part < Parts(target.Kind); part++)
        {
            if (held is not null) il.Load(held);
            Broadcast(target.Kind);
            StoreVector(target, slice, part);
        }
        if (held is not null) il.Release(held);
    }

    private bool TryVectors(Instr i)
    {
        if (Array.Exists(i.Targets, t => t is { Shape.IsScalar: true })) return false;
        for (int slice = 0; slice < slices; slice++)
        {
            if (i.Targets.Length == 1)
            {
                for (int part = 0; part < Parts(i.Targets[0]!.Kind); part++)
                {
                    if (!VectorOp(i, 0, slice, part)) return false;
                    StoreVector(i.Targets[0]!, slice, part);
                }
                continue;
            }
            var held = new LocalBuilder?[i.Targets.Length];
            for (int target = 0; target < i.Targets.Length; target++)
            {
                if (i.Targets[target] is not { } register) continue;
                if (!VectorOp(i, target, slice, 0)) return false;
                il.Store(held[target] = il.NewLocal(kit.Vector(register.Kind)));
            }
            for (int target = 0; target < held.Length; target++)
            {
                if (held[target] is not { } local) continue;
                il.Load(local);
                StoreVector(i.Targets[target]!, slice);
                il.Release(local);
            }
        }
        return true;
    }

    /// <summary>A loop over the lanes, with operands and results in the scratch memory.</summary>
    private bool TryLanes(Instr i)
    {
        // The first attempt shows whether there is a scalar form before anything is written.
        if (Array.Exists(i.Targets, t => t is { Shape.IsScalar: true }) || !HasScalarForm(i)) return false;
        for (int slice = 0; slice < slices; slice++)
        {
            LocalBuilder index = il.NewLocal(typeof(int));
            var loop = new LaneLoop(index);
            foreach (Arg value in i.Values)
            {
                if (value.Register is not { Shape.IsVarying: true } register || loop.Slots.ContainsKey(register)) continue;
                loop.Slots.Add(register, loop.Slots.Count + i.Targets.Length);
                SpillRegister(register, slice, loop.Slots[register], 0);
            }
            il.Int(0);
            il.Store(index);
            Label top = il.NewLabel();
            il.Mark(top);
            laneLoop = loop;
            loopSlice = slice;
            for (int target = 0; target < i.Targets.Length; target++)
            {
                if (i.Targets[target] is not { } register) continue;
                LoadLaneAddress(target, register.Kind);
                ScalarOp(i, target, slice);
                StoreIndirect(register.Kind);
            }
            laneLoop = null;
            il.Load(index);
            il.Int(1);
            il.Emit(OpCodes.Add);
            il.Keep(index);
            il.Int(lanes);
            il.Branch(OpCodes.Blt, top);
            il.Release(index);
            for (int target = 0; target < i.Targets.Length; target++)
                if (i.Targets[target] is { } register) FillRegister(register, slice, target, 0);
        }
        return true;
    }

    /// <summary>Whether <see cref="ScalarOp"/> knows the instruction; tried without writing.</summary>
    private bool HasScalarForm(Instr i)
    {
        il.Dry = true;
        bool known = ScalarOp(i, 0, 0);
        il.Dry = false;
        return known;
    }

    /// <summary>Pushes a lane's value where it is not the same in all lanes.</summary>
    private bool LoadLane(Arg value, ValueKind kind)
    {
        if (value.Register is not { } register || register.Shape.IsConstantInSlice) return false;
        if (register.Shape.IsScalar)
        {
            LoopBase(register);
            il.Load(laneLoop!.Index);
            if (register.Kind == ValueKind.I64) il.Emit(OpCodes.Conv_I8);
            LoadInteger(register.Shape.Stride, register.Kind);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Add);
        }
        else
        {
            LoadLaneAddress(laneLoop!.Slots[register], register.Kind);
            LoadIndirect(register.Kind);
            if (register.Kind == ValueKind.Pred)
            {
                il.Int(1);
                il.Emit(OpCodes.And);
            }
        }
        ConvertScalar(register.Kind, kind);
        if (value.Negated) Invert();
        return true;
    }

    private void LoopBase(Reg register)
    {
        il.Load(Locals(register)[register.Shape.Warp ? 0 : loopSlice]);
        AddStride(register.Shape, register.Kind, loopSlice);
    }

    private int loopSlice;

    /// <summary>Pushes the address of the current lane in a slot.</summary>
    private void LoadLaneAddress(int slot, ValueKind kind)
    {
        il.Load(scratch);
        il.Displace(slot * SlotBytes);
        il.Load(laneLoop!.Index);
        il.Int(kind.Bytes());
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
    }

    private void LoadIndirect(ValueKind kind)
        => il.Emit(kind switch { ValueKind.I64 => OpCodes.Ldind_I8, ValueKind.F32 => OpCodes.Ldind_R4, ValueKind.F64 => OpCodes.Ldind_R8, _ => OpCodes.Ldind_I4 });

    private void StoreIndirect(ValueKind kind)
        => il.Emit(kind switch { ValueKind.I64 => OpCodes.Stind_I8, ValueKind.F32 => OpCodes.Stind_R4, ValueKind.F64 => OpCodes.Stind_R8, _ => OpCodes.Stind_I4 });

    /// <summary>Writes a value's lanes into a slot, from a byte on.</summary>
    private void SpillVector(Arg value, ValueKind kind, int slice, int slot, int at)
    {
        for (int part = 0; part < Parts(kind); part++)
        {
            il.Load(scratch);
            il.Displace(slot * SlotBytes + at + part * kit.Bytes);
            LoadVector(value, kind, slice, part);
            il.StoreObject(kit.Vector(kind));
        }
    }

    private void SpillRegister(Reg register, int slice, int slot, int at) => SpillVector(new Arg { Register = register }, register.Kind, slice, slot, at);

    /// <summary>Reads a register's lanes from a slot; predicates lie there as 0 and 1.</summary>
    private void FillRegister(Reg register, int slice, int slot, int at)
    {
        for (int part = 0; part < Parts(register.Kind); part++)
        {
            il.Load(scratch);
            il.Displace(slot * SlotBytes + at + part * kit.Bytes);
            il.LoadObject(kit.Vector(register.Kind));
            if (register.Kind == ValueKind.Pred) il.Call(kit.Operator("op_UnaryNegation", ValueKind.Pred));
            StoreVector(register, slice, part);
        }
    }
}
