using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// Writes one region as a method <c>void (LaunchContext*, int slices)</c>: it runs all slices (or warps) that stand at the region's start
/// up to their next barriers, and notes for each the region behind that, or -1 where all lanes have left the kernel.
/// Registers are IL locals: a scalar base, or vectors; a 64-bit vector register takes two vectors per slice.
/// This part: values. Others: control, scalar, vector, memory and warp instructions.
/// </summary>
[RequiresDynamicCode(JustInTime.Reason), RequiresUnreferencedCode(JustInTime.Reason)]
internal sealed unsafe partial class Emitter
{
    private readonly MethodTarget target;
    private readonly KernelPlan plan;
    private readonly Region region;
    private readonly IlWriter il;
    private readonly SimdKit kit;
    private readonly int lanes, slices;
    private readonly LocalBuilder?[]?[] locals;
    private Block block = null!;

    /// <summary>How full the method was in front of each instruction.</summary>
    private readonly List<(Block Block, Instr Instruction, double Fill)> written = [];

    /// <summary>Lanes that run the current block, per slice; null where all do.</summary>
    private LocalBuilder[]? mask;

    /// <summary>The same for the current instruction, its guard included.</summary>
    private LocalBuilder[]? predicate;

    /// <summary>Set inside a lane loop: the lane's number times one byte, and where the operands' lanes were stored.</summary>
    private LaneLoop? laneLoop;

    private Emitter(KernelPlan plan, Region region, IlWriter il, MethodTarget target)
    {
        this.target = target;
        this.plan = plan;
        this.region = region;
        this.il = il;
        kit = plan.Kit;
        lanes = kit.Lanes;
        slices = region.Wide ? 32 / lanes : 1;
        locals = new LocalBuilder?[]?[plan.Code.Registers.Count];
    }

    private static readonly Dictionary<string, FieldInfo> fields = typeof(LaunchContext).GetFields().ToDictionary(f => f.Name);

    private void Context(string field)
    {
        il.Argument(0);
        il.Field(fields[field]);
    }

    /// <summary>The IL locals of a register: bases, or vectors by slice and part.</summary>
    private LocalBuilder[] Locals(Reg register)
    {
        int index = register.Index;
        if (locals[index] is { } known) return known!;
        bool vector = register.Shape.IsVarying || register.Shape.IsUnknown;
        int count = vector ? slices * Parts(register.Kind) : register.Shape.Warp ? 1 : slices;
        var made = new LocalBuilder[count];
        Type type = vector ? kit.Vector(register.Kind) : SimdKit.Element(register.Kind);
        for (int i = 0; i < count; i++) made[i] = register.BlockLocal ? il.NewLocal(type) : il.NewOwnLocal(type);
        locals[index] = made;
        return made;
    }

    private void ReleaseLocals(Reg register)
    {
        if (locals[register.Index] is not { } held) return;
        foreach (LocalBuilder? local in held) il.Release(local!);
        locals[register.Index] = null;
    }

    /// <summary>Vectors per slice.</summary>
    private static int Parts(ValueKind kind) => kind.Is64() ? 2 : 1;

    private Shape ShapeOf(Arg value) => plan.Rules.Of(value);

    /// <summary>Pushes a scalar: the slice's base, or inside a lane loop the lane's value.</summary>
    private void LoadScalar(Arg value, ValueKind kind, int slice)
    {
        if (laneLoop is not null && LoadLane(value, kind)) return;
        if (value.Register is { } register)
        {
            LocalBuilder[] held = Locals(register);
            il.Load(held[register.Shape.Warp ? 0 : slice]);
            AddStride(register.Shape, register.Kind, slice);
            ConvertScalar(register.Kind, kind);
            if (value.Negated) Invert();
        }
        else if (value.Special is { } special) LoadSpecial(special, kind, slice);
        else if (value.Symbol is { } symbol) LoadSymbol(symbol, value.Offset, kind);
        else LoadConstant(value, kind);
    }

    private void Invert()
    {
        il.Int(0);
        il.Emit(OpCodes.Ceq);
    }

    private void AddStride(Shape shape, ValueKind kind, int slice)
    {
        if (shape.Stride == 0 || !shape.Warp || slice == 0) return;
        LoadInteger(shape.Stride * lanes * slice, kind);
        il.Emit(OpCodes.Add);
    }

    private void LoadInteger(long value, ValueKind kind)
    {
        if (kind == ValueKind.I64) il.Long(value);
        else il.Int((int)value);
    }

    private void LoadConstant(Arg value, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.F32: il.Float(value.BitsKind == PtxImmediateKind.F64 ? (float)BitConverter.UInt64BitsToDouble(value.Bits) : BitConverter.UInt32BitsToSingle((uint)value.Bits)); break;
            case ValueKind.F64: il.Double(value.BitsKind == PtxImmediateKind.F32 ? BitConverter.UInt32BitsToSingle((uint)value.Bits) : BitConverter.UInt64BitsToDouble(value.Bits)); break;
            case ValueKind.I64: il.Long((long)value.Bits); break;
            case ValueKind.Pred: il.Int(value.Bits != 0 ? 1 : 0); break;
            default: il.Int((int)value.Bits); break;
        }
    }

    /// <summary>The same bits as another kind of the same width; narrower or wider where PTX lets a register of another width stand.</summary>
    private void ConvertScalar(ValueKind from, ValueKind to)
    {
        if (from == to || SimdKit.Element(from) == SimdKit.Element(to)) return;
        if (from.Is64() && !to.Is64())
        {
            ConvertScalar(from, ValueKind.I64);
            il.Emit(OpCodes.Conv_I4);
            from = ValueKind.I32;
        }
        else if (!from.Is64() && to.Is64())
        {
            ConvertScalar(from, ValueKind.I32);
            il.Emit(OpCodes.Conv_U8);
            from = ValueKind.I64;
        }
        if (SimdKit.Element(from) != SimdKit.Element(to)) il.Call(BitCasts.Between(SimdKit.Element(from), SimdKit.Element(to)));
    }

    /// <summary>Pushes a vector of the slice's lanes; of a 64-bit kind its lower (part 0) or upper half.</summary>
    private void LoadVector(Arg value, ValueKind kind, int slice, int part = 0)
    {
        if (value.Register is { } register && !register.Shape.IsScalar)
        {
            LoadVaryingRegister(register, kind, slice, part);
            if (value.Negated) il.Call(kit.Operator("op_OnesComplement", ValueKind.Pred));
            return;
        }
        Shape shape = ShapeOf(value);
        if (shape.IsVarying)
        {
            LoadVaryingSpecial(value.Special!.Value, slice);
            Reinterpret(ValueKind.I32, kind);
            return;
        }
        LoadScalar(value, kind, slice);
        if (kind == ValueKind.Pred) il.Emit(OpCodes.Neg);
        il.Call(kit.Broadcast(kind));
        if (shape.Stride == 0) return;
        LoadSteps(shape.Stride, kind, part);
        il.Call(kit.Operator("op_Addition", kind));
    }

    private void LoadVaryingRegister(Reg register, ValueKind kind, int slice, int part)
    {
        if (register.Kind.Is64() == kind.Is64())
        {
            LoadHeld(register, slice, part);
            Reinterpret(register.Kind, kind);
        }
        else if (kind.Is64())
        {
            LoadHeld(register, slice, 0);
            Reinterpret(register.Kind, ValueKind.I32);
            WidenUnsigned(part);
            Reinterpret(ValueKind.I64, kind);
        }
        else
        {
            LoadHeld(register, slice, 0);
            Reinterpret(register.Kind, ValueKind.I64);
            LoadHeld(register, slice, 1);
            Reinterpret(register.Kind, ValueKind.I64);
            il.Call(kit.Typed("Narrow", ValueKind.I64, kit.Vector(ValueKind.I64)));
            Reinterpret(ValueKind.I32, kind);
        }
    }

    /// <summary>Pushes a register's vector.</summary>
    private void LoadHeld(Reg register, int slice, int part)
    {
        if (register.Home is { } home)
        {
            LoadHome(home, slice);
            il.LoadObject(kit.Vector(register.Kind));
        }
        else il.Load(Locals(register)[slice * Parts(register.Kind) + part]);
    }

    /// <summary>Pushes the address of a slice's lanes of a register that lives in memory.</summary>
    private void LoadHome(RegisterHome home, int slice)
    {
        il.Load(home.PerWarp ? warpHomes : fragments);
        il.Displace((home.PerWarp ? 0 : HomesOffset) + home.Offset + slice * kit.Bytes);
    }

    private void Reinterpret(ValueKind from, ValueKind to)
    {
        if (kit.Reinterpret(from, to) is { } method) il.Call(method);
    }

    /// <summary>Half of the int lanes on the stack as longs.</summary>
    private void WidenSigned(int part) => il.Call(kit.Typed(part == 0 ? "WidenLower" : "WidenUpper", ValueKind.I32));

    private void WidenUnsigned(int part)
    {
        WidenSigned(part);
        il.Long(0xFFFFFFFF);
        il.Call(kit.Broadcast(ValueKind.I64));
        il.Call(kit.Operator("op_BitwiseAnd", ValueKind.I64));
    }

    /// <summary>Pushes stride · (0, 1, 2, …) for the lanes of a vector.</summary>
    private void LoadSteps(long stride, ValueKind kind, int part)
    {
        if (stride == 1 && kind == ValueKind.I32)
        {
            il.Call(kit.Constant("Indices", kind));
            return;
        }
        int count = kind.Is64() ? lanes / 2 : lanes;
        for (int i = 0; i < count; i++) LoadInteger(stride * (part * count + i), kind);
        il.Call(kit.Sequence(kind));
    }

    private void Broadcast(ValueKind kind)
    {
        if (kind == ValueKind.Pred) il.Emit(OpCodes.Neg);
        il.Call(kit.Broadcast(kind));
    }

    /// <summary>Pops a vector of the register's own kind into it; lanes outside the mask keep their value where that may be needed.</summary>
    private void StoreVector(Reg target, int slice, int part = 0)
    {
        if (Blends(target) is { } select)
        {
            LocalBuilder fresh = il.NewLocal(kit.Vector(target.Kind));
            il.Store(fresh);
            LoadMask(select[slice], target.Kind, part);
            il.Load(fresh);
            LoadHeld(target, slice, part);
            il.Call(kit.Generic("ConditionalSelect", target.Kind, 3));
            il.Release(fresh);
        }
        if (target.Home is not { } home)
        {
            il.Store(Locals(target)[slice * Parts(target.Kind) + part]);
            return;
        }
        LocalBuilder value = il.NewLocal(kit.Vector(target.Kind));
        il.Store(value);
        LoadHome(home, slice);
        il.Load(value);
        il.StoreObject(kit.Vector(target.Kind));
        il.Release(value);
    }

    /// <summary>The mask under which a write must be blended, or null.</summary>
    private LocalBuilder[]? Blends(Reg target)
    {
        if (predicate != mask) return predicate;
        return mask is not null && block.Keep is not null && block.Keep[target.Index] ? mask : null;
    }

    private void LoadMask(LocalBuilder source, ValueKind kind, int part)
    {
        il.Load(source);
        if (kind.Is64()) WidenSigned(part);
        Reinterpret(kind.Is64() ? ValueKind.I64 : ValueKind.I32, kind);
    }

    /// <summary>Pushes the mask of a slice as lane bits.</summary>
    private void LoadMaskBits(LocalBuilder[]? source, int slice)
    {
        if (source is null)
        {
            il.Int((int)(uint)((1ul << lanes) - 1));
            return;
        }
        il.Load(source[slice]);
        MaskBits();
    }

    private void MaskBits()
    {
        il.Call(kit.Generic("ExtractMostSignificantBits", ValueKind.I32, 1));
        if (lanes == 16) il.Emit(OpCodes.Conv_U4);
    }

    /// <summary>Turns lane bits on the stack into a mask.</summary>
    private void ExpandMaskBits()
    {
        il.Call(kit.Broadcast(ValueKind.I32));
        LoadLaneBits();
        il.Call(kit.Operator("op_BitwiseAnd", ValueKind.I32));
        LoadLaneBits();
        il.Call(kit.Generic("Equals", ValueKind.I32, 2));
    }

    private void LoadLaneBits()
    {
        for (int i = 0; i < lanes; i++) il.Int(1 << i);
        il.Call(kit.Sequence(ValueKind.I32));
    }

    /// <summary>Pops the scalar for a slice (for all, where one base serves the warp).</summary>
    private void StoreScalar(Reg target, int slice) => il.Store(Locals(target)[target.Shape.Warp ? 0 : slice]);

    /// <summary>How many scalars a register takes in this region.</summary>
    private int ScalarCount(Reg register) => register.Shape.Warp ? 1 : slices;
}
