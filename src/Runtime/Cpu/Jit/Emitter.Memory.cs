using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>Loads and stores: one scalar, one run of neighbours, or lane by lane.</summary>
internal sealed unsafe partial class Emitter
{
    private void EmitLoad(Instr i)
    {
        PtxSpace space = i.Operation.Space;
        Arg address = i.Addresses[0];
        Shape shape = plan.Rules.Address(address, space);
        int bytes = i.Type.Bytes();
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(i, address, slice);
            if (shape.IsScalar && !shape.IsConstantInSlice) CheckRange(address, space, slice, shape.Stride, bytes * i.Operation.Vector, oneLane: false);
            if (shape.IsConstantInSlice)
            {
                if (slice == 0 || Array.Exists(i.Targets, t => t is not null && (!t.Shape.IsScalar || !t.Shape.Warp))) LoadOne(i, address, space, slice);
            }
            else if (shape.IsScalar && shape.Stride == bytes && i.Targets.Length == 1 && LoadRun(i, address, space, slice)) { }
            else if (shape.IsScalar && predicate is null && i.Targets is [{ Shape.IsVarying: true }] && bytes <= 4) LoadSteps(i, address, space, slice, shape.Stride);
            else Gather(i, address, space, slice);
        }
    }

    private void EmitStore(Instr i)
    {
        PtxSpace space = i.Operation.Space;
        Arg address = i.Addresses[0];
        Shape shape = plan.Rules.Address(address, space);
        for (int slice = 0; slice < slices; slice++)
        {
            GuardWraps(i, address, slice);
            if (shape.IsScalar && !shape.IsConstantInSlice) CheckRange(address, space, slice, shape.Stride, i.Type.Bytes() * i.Operation.Vector, oneLane: false);
            if (shape.IsConstantInSlice && Array.TrueForAll(i.Values[..i.Operation.Vector], v => predicate is null || ShapeOf(v).IsConstantInSlice)) StoreOne(i, address, space, slice);
            else if (shape.IsScalar && shape.Stride == i.Type.Bytes() && i.Operation.Vector == 1 && StoreRun(i, address, space, slice)) { }
            else if (shape.IsScalar && predicate is null && i.Operation.Vector == 1 && i.Type.Bytes() <= 4) StoreSteps(i, address, space, slice, shape.Stride);
            else Scatter(i, address, space, slice);
        }
    }

    /// <summary>Pushes the host address of a slice's first lane.</summary>
    private void LoadAddress(Arg address, PtxSpace space, int slice)
    {
        long place = 0;
        if (address.Symbol is { } symbol)
        {
            PtxSpace window = plan.Layout.Window(symbol, line, out place);
            if (space is PtxSpace.Generic or PtxSpace.Const || window == PtxSpace.Param) space = window;
        }
        Arg register = new() { Register = address.Register };
        switch (space)
        {
            case PtxSpace.Param: Context(nameof(LaunchContext.Parameters)); break;
            case PtxSpace.Shared: Context(nameof(LaunchContext.Shared)); break;
            case PtxSpace.Local:
                Context(nameof(LaunchContext.Local));
                LoadThread(slice);
                il.Int(plan.LocalBytes);
                il.Emit(OpCodes.Mul);
                il.Emit(OpCodes.Conv_I);
                il.Emit(OpCodes.Add);
                break;
            default:
                if (address.Symbol is not null) Context(nameof(LaunchContext.Globals));
                break;
        }
        bool based = space is PtxSpace.Param or PtxSpace.Shared or PtxSpace.Local || address.Symbol is not null;
        if (address.Register is { } held)
        {
            // A 32-bit offset may be negative in lanes that are switched off: its sign keeps the others right.
            LoadScalar(register, held.Kind, slice);
            il.Emit(OpCodes.Conv_I);
            if (based) il.Emit(OpCodes.Add);
        }
        else if (!based)
        {
            il.Long(address.Offset);
            il.Emit(OpCodes.Conv_I);
            return;
        }
        il.Displace(place + address.Offset);
    }

    /// <summary>Skips what follows where no lane of the slice is active: slices of whole warps can be empty, and instructions with a guard of their own.</summary>
    private Label? GuardSlice(int slice)
    {
        if (predicate is null || (slices == 1 && predicate == mask)) return null;
        Label skip = il.NewLabel();
        il.Load(predicate[slice]);
        MaskBits();
        il.Branch(OpCodes.Brfalse, skip);
        return skip;
    }

    private void LoadOne(Instr i, Arg address, PtxSpace space, int slice)
    {
        Label? skip = slices > 1 && Array.TrueForAll(i.Targets, t => t is null || (t.Shape.IsScalar && t.Shape.Warp)) ? null : GuardSlice(slice);
        CheckRange(address, space, slice, 0, i.Type.Bytes() * i.Operation.Vector, oneLane: true);
        for (int e = 0; e < i.Targets.Length; e++)
        {
            if (i.Targets[e] is not { } target || (target.Shape.IsScalar && slice >= ScalarCount(target))) continue;
            LoadAddress(address with { Offset = address.Offset + e * i.Type.Bytes() }, space, slice);
            LoadElement(i.Type);
            Fit(i.Type, target);
            if (target.Shape.IsScalar) StoreScalar(target, slice);
            else SpreadScalar(target, slice);
        }
        if (skip is { } label) il.Mark(label);
    }

    private void LoadElement(PtxType type)
    {
        if (type.Bytes() > 1) il.Emit(OpCodes.Unaligned, 1);
        il.Emit(type switch
        {
            PtxType.S8 => OpCodes.Ldind_I1,
            PtxType.U8 or PtxType.B8 => OpCodes.Ldind_U1,
            PtxType.S16 => OpCodes.Ldind_I2,
            PtxType.F32 => OpCodes.Ldind_R4,
            PtxType.F64 => OpCodes.Ldind_R8,
            _ => type.Bytes() switch { 2 => OpCodes.Ldind_U2, 4 => OpCodes.Ldind_I4, _ => OpCodes.Ldind_I8 },
        });
    }

    private void StoreOne(Instr i, Arg address, PtxSpace space, int slice)
    {
        Label? skip = GuardSlice(slice);
        CheckRange(address, space, slice, 0, i.Type.Bytes() * i.Operation.Vector, oneLane: true);
        for (int e = 0; e < i.Operation.Vector; e++)
        {
            LoadAddress(address with { Offset = address.Offset + e * i.Type.Bytes() }, space, slice);
            Arg value = i.Values[e];
            ValueKind kind = ValueKinds.Of(i.Type)!.Value;
            if (ShapeOf(value).IsConstantInSlice) LoadScalar(value, kind, slice);
            else
            {
                // All lanes write the same place; the last one stays.
                LoadVector(value, kind, slice, Parts(kind) - 1);
                il.Int(kind.Is64() ? lanes / 2 - 1 : lanes - 1);
                il.Call(kit.Element("GetElement", kind));
            }
            if (i.Type.Bytes() > 1) il.Emit(OpCodes.Unaligned, 1);
            il.Emit(i.Type.Bytes() switch
            {
                1 => OpCodes.Stind_I1,
                2 => OpCodes.Stind_I2,
                4 => kind == ValueKind.F32 ? OpCodes.Stind_R4 : OpCodes.Stind_I4,
                _ => kind == ValueKind.F64 ? OpCodes.Stind_R8 : OpCodes.Stind_I8,
            });
        }
        if (skip is { } label) il.Mark(label);
    }

    /// <summary>Neighbouring lanes read neighbouring elements; false where the processor cannot.</summary>
    private bool LoadRun(Instr i, Arg address, PtxSpace space, int slice)
    {
        Reg target = i.Targets[0]!;
        PtxType type = i.Type;
        if (type.Bytes() < 4) return LoadShortRun(i, address, space, slice);
        if (type.Bytes() != target.Kind.Bytes()) return false;
        ValueKind kind = target.Kind;
        if (predicate is not null && kit.MaskedLoad(kind) is null) return false;
        for (int part = 0; part < Parts(kind); part++)
        {
            LoadAddress(address with { Offset = address.Offset + part * kit.Bytes }, space, slice);
            if (predicate is null) il.LoadObject(kit.Vector(kind));
            else
            {
                LoadMask(predicate[slice], kind, part);
                if (lanes == 16) il.Call(kit.Constant("Zero", kind));
                il.Call(kit.MaskedLoad(kind)!);
            }
            StoreVector(target, slice, part);
        }
        return true;
    }

    private bool LoadShortRun(Instr i, Arg address, PtxSpace space, int slice)
    {
        Reg target = i.Targets[0]!;
        if (target.Kind.Is64() || kit.Expand(i.Type) is not { } expand || (predicate is not null && kit.MaskedShortLoad(i.Type) is null)) return false;
        LoadAddress(address, space, slice);
        Type loaded = expand.GetParameters()[0].ParameterType;
        if (predicate is null) il.LoadObject(loaded);
        else
        {
            MethodInfo load = kit.MaskedShortLoad(i.Type)!;
            LoadShortMask(i.Type, slice);
            il.Call(load.ReturnType.GetProperty("Zero")!.GetMethod!);
            il.Call(load);
            if (load.ReturnType != loaded) il.Call(kit.ReinterpretShort(load.ReturnType, loaded));
        }
        il.Call(expand);
        if (i.Type.IsSigned()) CutToShort(target);
        Reinterpret(ValueKind.I32, target.Kind);
        StoreVector(target, slice);
        return true;
    }

    /// <summary>Pushes the mask of a slice with lanes as wide as the type.</summary>
    private void LoadShortMask(PtxType type, int slice)
    {
        il.Load(predicate![slice]);
        il.Call(kit.Shrink(type)!);
    }

    private bool StoreRun(Instr i, Arg address, PtxSpace space, int slice)
    {
        PtxType type = i.Type;
        ValueKind kind = ValueKinds.Of(type)!.Value;
        if (type.Bytes() < 4)
        {
            if (kit.Shrink(type) is not { } shrink || (predicate is not null && kit.MaskedShortStore(type) is null)) return false;
            LoadAddress(address, space, slice);
            if (predicate is not null) LoadShortMask(type, slice);
            LoadVector(i.Values[0], ValueKind.I32, slice);
            il.Call(shrink);
            if (predicate is null) il.StoreObject(shrink.ReturnType);
            else il.Call(kit.MaskedShortStore(type)!);
            return true;
        }
        if (predicate is not null && kit.MaskedStore(kind) is null) return false;
        for (int part = 0; part < Parts(kind); part++)
        {
            LoadAddress(address with { Offset = address.Offset + part * kit.Bytes }, space, slice);
            if (predicate is not null) LoadMask(predicate[slice], kind, part);
            LoadVector(i.Values[0], kind, slice, part);
            if (predicate is null) il.StoreObject(kit.Vector(kind));
            else il.Call(kit.MaskedStore(kind)!);
        }
        return true;
    }

    /// <summary>Neighbouring lanes read elements at a known distance, all of them: one scalar load per lane.</summary>
    private void LoadSteps(Instr i, Arg address, PtxSpace space, int slice, long stride)
    {
        LocalBuilder origin = il.NewLocal(typeof(nint));
        LoadAddress(address, space, slice);
        il.Store(origin);
        for (int lane = 0; lane < lanes; lane++)
        {
            il.Load(scratch);
            il.Displace(SlotBytes + lane * sizeof(int));
            il.Load(origin);
            il.Displace(lane * stride);
            LoadElement(i.Type);
            il.Emit(i.Type == PtxType.F32 ? OpCodes.Stind_R4 : OpCodes.Stind_I4);
        }
        il.Release(origin);
        FillGathered(i.Type, i.Targets[0]!, slice, 1);
    }

    /// <summary>Neighbouring lanes write elements at a known distance, all of them: one scalar store per lane.</summary>
    private void StoreSteps(Instr i, Arg address, PtxSpace space, int slice, long stride)
    {
        SpillVector(i.Values[0], ValueKinds.Of(i.Type)!.Value, slice, 1, 0);
        LocalBuilder origin = il.NewLocal(typeof(nint));
        LoadAddress(address, space, slice);
        il.Store(origin);
        for (int lane = 0; lane < lanes; lane++)
        {
            il.Load(origin);
            il.Displace(lane * stride);
            il.Load(scratch);
            il.Displace(SlotBytes + lane * sizeof(int));
            il.Emit(OpCodes.Ldind_I4);
            if (i.Type.Bytes() > 1) il.Emit(OpCodes.Unaligned, 1);
            il.Emit(i.Type.Bytes() switch { 1 => OpCodes.Stind_I1, 2 => OpCodes.Stind_I2, _ => OpCodes.Stind_I4 });
        }
        il.Release(origin);
    }

    /// <summary>Writes the lanes' host addresses into slot 0.</summary>
    private void SpillAddresses(Arg address, PtxSpace space, int slice, int at = 0)
    {
        long place = 0;
        if (address.Symbol is { } symbol)
        {
            PtxSpace window = plan.Layout.Window(symbol, line, out place);
            if (space is PtxSpace.Generic or PtxSpace.Const || window == PtxSpace.Param) space = window;
        }
        LocalBuilder origin = il.NewLocal(typeof(long));
        LoadAddress(new Arg { Symbol = address.Symbol, Offset = address.Offset }, space, slice);
        il.Emit(OpCodes.Conv_I8);
        il.Store(origin);
        for (int part = 0; part < 2; part++)
        {
            il.Load(scratch);
            il.Displace(at + part * kit.Bytes);
            il.Load(origin);
            il.Call(kit.Broadcast(ValueKind.I64));
            if (space == PtxSpace.Local)
            {
                LoadSteps(plan.LocalBytes, ValueKind.I64, part);
                il.Call(kit.Operator("op_Addition", ValueKind.I64));
            }
            if (address.Register is { } register)
            {
                Arg value = new() { Register = register };
                if (register.Kind == ValueKind.I64) LoadVector(value, ValueKind.I64, slice, part);
                else
                {
                    LoadVector(value, ValueKind.I32, slice);
                    WidenSigned(part);
                }
                il.Call(kit.Operator("op_Addition", ValueKind.I64));
            }
            il.StoreObject(kit.Vector(ValueKind.I64));
        }
        il.Release(origin);
    }

    private void Gather(Instr i, Arg address, PtxSpace space, int slice)
    {
        Shape shape = plan.Rules.Address(address, space);
        if (predicate is null && shape.IsScalar && i.Type.Bytes() == 4)
        {
            for (int e = 0; e < i.Targets.Length; e++)
            {
                if (i.Targets[e] is not { } target) continue;
                LoadStrided(address with { Offset = address.Offset + 4 * e }, space, slice, shape.Stride, "Gather");
                FillGathered(i.Type, target, slice, 1);
            }
            return;
        }
        SpillAddresses(address, space, slice);
        if (!shape.IsScalar) CheckLanes(address, space, 0, i.Type.Bytes() * i.Operation.Vector, () => LoadMaskBits(predicate, slice));
        il.Load(scratch);
        il.Load(scratch);
        il.Displace(SlotBytes);
        il.Int(i.Operation.Vector);
        LoadMaskBits(predicate, slice);
        il.Call(MemoryOps.Gather(i.Type));
        for (int e = 0; e < i.Targets.Length; e++)
        {
            if (i.Targets[e] is not { } target) continue;
            if (target.Shape.IsScalar) throw new InvalidOperationException($"{i.Source}: a gathered value has the shape {target.Shape}");
            FillGathered(i.Type, target, slice, 1 + e);
        }
    }

    /// <summary>Reads gathered elements, which lie extended to 32 or 64 bits.</summary>
    private void FillGathered(PtxType type, Reg target, int slice, int slot)
    {
        bool wide = type.Bytes() == 8;
        for (int part = 0; part < Parts(target.Kind); part++)
        {
            il.Load(scratch);
            il.Displace(slot * SlotBytes + (wide ? part * kit.Bytes : 0));
            if (wide == target.Kind.Is64()) il.LoadObject(kit.Vector(target.Kind));
            else if (wide) throw new NotCompilableException(0, $"a 64-bit load into {target.Name}");
            else
            {
                il.LoadObject(kit.Vector(ValueKind.I32));
                if (type.IsSigned()) WidenSigned(part);
                else WidenUnsigned(part);
                Reinterpret(ValueKind.I64, target.Kind);
            }
            if (type.IsSigned() && type.Bytes() == 1 && target.Type.Bits() == 16) MaskLow(16);
            StoreVector(target, slice, part);
        }
    }

    /// <summary>Calls a helper for words at one distance; they lie in slot 1.</summary>
    private void LoadStrided(Arg address, PtxSpace space, int slice, long stride, string method)
    {
        LoadAddress(address, space, slice);
        il.Long(stride);
        il.Load(scratch);
        il.Displace(SlotBytes);
        il.Call(StridedAccess.Method(method, lanes));
    }

    private void Scatter(Instr i, Arg address, PtxSpace space, int slice)
    {
        Shape shape = plan.Rules.Address(address, space);
        if (predicate is null && shape.IsScalar && i.Type.Bytes() == 4 && shape.Stride >= 4 * i.Operation.Vector)
        {
            for (int e = 0; e < i.Operation.Vector; e++)
            {
                SpillVector(i.Values[e], ValueKind.I32, slice, 1, 0);
                LoadStrided(address with { Offset = address.Offset + 4 * e }, space, slice, shape.Stride, "Scatter");
            }
            return;
        }
        SpillAddresses(address, space, slice);
        if (!shape.IsScalar || shape.IsConstantInSlice) CheckLanes(address, space, 0, i.Type.Bytes() * i.Operation.Vector, () => LoadMaskBits(predicate, slice));
        ValueKind kind = ValueKinds.Of(i.Type)!.Value;
        for (int e = 0; e < i.Operation.Vector; e++) SpillVector(i.Values[e], kind, slice, 1 + e, 0);
        il.Load(scratch);
        il.Load(scratch);
        il.Displace(SlotBytes);
        il.Int(i.Operation.Vector);
        LoadMaskBits(predicate, slice);
        il.Call(MemoryOps.Scatter(i.Type));
    }
}
