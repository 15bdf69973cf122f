using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: what methods of the dialect and exact functions of .NET become.</summary>
internal sealed partial class KernelBuilder
{
    private const int MaxLocalElements = 4096;

    private void EmitIntrinsic(CallTarget target)
    {
        Intrinsic which = target.Intrinsic;
        if (which <= Intrinsic.Ballot) EmitThreads(which);
        else if (which <= Intrinsic.SpanLength) EmitView(which, target);
        else if (which <= Intrinsic.FenceDevice) EmitMemory(which, target);
        else if (which <= Intrinsic.AsyncWait) EmitMatrix(which, target);
        else if (which <= Intrinsic.ReferenceAs) EmitCompileTime(which, target);
        else EmitNumbers(which, target);
    }

    private void EmitThreads(Intrinsic which)
    {
        switch (which)
        {
            case Intrinsic.GroupBarrier: Meeting(ir.Append(Op.Barrier, IrType.Void, Value.None)); break;
            case Intrinsic.BarrierPopCount: Push(Asm(barrierPopCount, Coerce(PopValue(), IrType.Pred))[0]); break;
            case Intrinsic.BarrierAnd: Push(Asm(barrierAnd, Coerce(PopValue(), IrType.Pred))[0]); break;
            case Intrinsic.BarrierOr: Push(Asm(barrierOr, Coerce(PopValue(), IrType.Pred))[0]); break;
            case Intrinsic.WarpBarrier: Meeting(ir.Append(Op.WarpBarrier, IrType.Void, Value.None)); break;
            case >= Intrinsic.GridIdxX and <= Intrinsic.GroupDimZ: Push(ThreadRegister(which)); break;
            case Intrinsic.LaneIdx: Push(Special(SpecialRegister.Lane)); break;
            case Intrinsic.WarpIdx: Push(ir.Binary(Op.ShrUnsigned, Special(SpecialRegister.ThreadX), ir.Int(5))); break;
            case Intrinsic.ShuffleXor: EmitShuffle(ShuffleMode.Xor); break;
            case Intrinsic.ShuffleDown: EmitShuffle(ShuffleMode.Down); break;
            case Intrinsic.ShuffleUp: EmitShuffle(ShuffleMode.Up); break;
            case Intrinsic.Shuffle: EmitShuffle(ShuffleMode.Index); break;
            case Intrinsic.VoteAll: EmitVote(VoteMode.All, IrType.Pred); break;
            case Intrinsic.VoteAny: EmitVote(VoteMode.Any, IrType.Pred); break;
            default: EmitVote(VoteMode.Ballot, IrType.I32); break;
        }
    }

    private Value ThreadRegister(Intrinsic which) => which switch
    {
        Intrinsic.GroupDimX when options.GroupX > 0 => ir.Int(options.GroupX),
        Intrinsic.GroupDimY when options.GroupX > 0 => ir.Int(options.GroupY),
        Intrinsic.GroupDimZ when options.GroupX > 0 => ir.Int(options.GroupZ),
        Intrinsic.GroupIdxX when options.GroupX == 1 => ir.Int(0),
        Intrinsic.GroupIdxY when options.GroupX > 0 && options.GroupY == 1 => ir.Int(0),
        Intrinsic.GroupIdxZ when options.GroupX > 0 && options.GroupZ == 1 => ir.Int(0),
        _ => Special(which switch
        {
            Intrinsic.GridIdxX => SpecialRegister.BlockX,
            Intrinsic.GridIdxY => SpecialRegister.BlockY,
            Intrinsic.GridIdxZ => SpecialRegister.BlockZ,
            Intrinsic.GridDimX => SpecialRegister.GridX,
            Intrinsic.GridDimY => SpecialRegister.GridY,
            Intrinsic.GridDimZ => SpecialRegister.GridZ,
            Intrinsic.GroupIdxX => SpecialRegister.ThreadX,
            Intrinsic.GroupIdxY => SpecialRegister.ThreadY,
            Intrinsic.GroupIdxZ => SpecialRegister.ThreadZ,
            Intrinsic.GroupDimX => SpecialRegister.GroupX,
            Intrinsic.GroupDimY => SpecialRegister.GroupY,
            _ => SpecialRegister.GroupZ,
        }),
    };

    private Value Special(SpecialRegister register) => ir.Append(Op.Special, IrType.I32, Value.None, imm: (long)register);

    private void EmitShuffle(ShuffleMode mode)
    {
        Value lane = Coerce(PopValue(), IrType.I32);
        Value value = PopValue();
        if (value.Type is IrType.Pred or IrType.I16) value = Coerce(value, IrType.I32);
        if (value.Type is IrType.I32 or IrType.F32)
        {
            Push(Meeting(ir.Append(Op.Shuffle, value.Type, [value, lane], (byte)mode)));
            return;
        }
        Value bits = value.Type == IrType.F64 ? ir.Unary(Op.Bitcast, IrType.I64, value) : value;
        Value low = Meeting(ir.Append(Op.Shuffle, IrType.I32, [ir.Unary(Op.UnpackLow, IrType.I32, bits), lane], (byte)mode));
        Value high = Meeting(ir.Append(Op.Shuffle, IrType.I32, [ir.Unary(Op.UnpackHigh, IrType.I32, bits), lane], (byte)mode));
        Value joined = ir.Make(Op.Pack, IrType.I64, [low, high]);
        Push(value.Type == IrType.F64 ? ir.Unary(Op.Bitcast, IrType.F64, joined) : joined);
    }

    private void EmitVote(VoteMode mode, IrType type)
        => Push(Meeting(ir.Append(Op.Vote, type, [Coerce(PopValue(), IrType.Pred)], (byte)mode)));

    private ViewValue PopView() => Pop() switch
    {
        ViewValue view => view,
        RefValue reference when LoadFrom(reference) is ViewValue view => view,
        _ => throw Diagnostics.TypeInKernel(Here(), "a value that is not a view"),
    };

    private void EmitView(Intrinsic which, CallTarget target)
    {
        switch (which)
        {
            case Intrinsic.ViewItem:
                Value index = PopValue();
                RefValue element = ElementOf(PopView(), index);
                // In<T> gives the element, the others a reference to it.
                if (((System.Reflection.MethodInfo)target.Method).ReturnType.IsByRef) Push(element);
                else Push(LoadFrom(element));
                break;
            case Intrinsic.ViewSetItem:
                Abstract value = Pop();
                Value at = PopValue();
                StoreTo(ElementOf(PopView(), at), value);
                break;
            case Intrinsic.ViewLength: Push(PopView().Length ?? ir.Long(0)); break;
            case Intrinsic.ViewIntLength or Intrinsic.SpanLength: Push(Coerce(PopView().Length ?? ir.Long(0), IrType.I32)); break;
            case Intrinsic.ViewSubView:
                Value? length = target.Arguments == 3 ? PopValue() : null;
                Value first = PopValue();
                Push(SubView(PopView(), first, length));
                break;
            case Intrinsic.SpanIsEmpty: Push(ir.Compare(Condition.Eq, PopView().Length ?? ir.Long(0), ir.Long(0))); break;
            case Intrinsic.SpanMake: MakeSpan(target); break;
            case Intrinsic.ViewCast: Push(Cast(PopView(), InMemory(LayoutOf(target.Method.GetGenericArguments()[0])))); break;
            case Intrinsic.ViewBase:
                ViewValue view = PopView();
                Push(new ViewValue(view.Element) { Space = view.Space, Address = view.Address, Length = view.Length, Array = view.Array, First = view.First });
                break;
            default:
                Value item = PopValue();
                Push(ElementOf(PopView(), item));
                break;
        }
    }

    private void EmitMemory(Intrinsic which, CallTarget target)
    {
        switch (which)
        {
            case Intrinsic.SharedAllocate: Push(AllocateShared(LayoutOf(target.Method.GetGenericArguments()[0]), Length("the length of a shared array"))); break;
            case Intrinsic.SharedDynamic: Push(DynamicShared(LayoutOf(target.Method.GetGenericArguments()[0]))); break;
            case Intrinsic.LocalAllocate: Push(AllocateLocal(LayoutOf(target.Method.GetGenericArguments()[0]), Length("the length of a local array"), this.index)); break;
            case Intrinsic.InlineArraySpan:
                Pop();
                Push(InlineSpan(PopReference()));
                break;
            case Intrinsic.InlineArrayElement:
                Value index = PopValue();
                Push(ElementOf(InlineSpan(PopReference()), index));
                break;
            case Intrinsic.InlineArrayFirst: Push(ElementOf(InlineSpan(PopReference()), ir.Int(0))); break;
            case Intrinsic.FenceGroup: ir.Append(Op.Fence, IrType.Void, Value.None, kind: 0); break;
            case Intrinsic.FenceDevice: ir.Append(Op.Fence, IrType.Void, Value.None, kind: 1); break;
            default: EmitAtomic(which, target); break;
        }
    }

    private int Length(string what)
    {
        Value length = PopValue();
        if (!length.IsConstant) throw Diagnostics.NotConstant(Here(), what);
        if (length.Imm is < 1 or > int.MaxValue) throw Diagnostics.Argument(Here(), $"{what} is {length.Imm}", "Give it at least one element");
        return (int)length.Imm;
    }

    /// <summary>One array for each place in the source and each path of calls to it, however often it is executed.</summary>
    private ViewValue AllocateShared(TypeLayout element, int length)
    {
        string key = $"{index}";
        for (Frame? f = frame; f is not null; f = f.Parent) key = $"{f.ReturnIndex}.{key}";
        if (!sharedArrays.TryGetValue(key, out MemoryArray? array))
        {
            array = new MemoryArray($"shared{sharedArrays.Count}", Space.Shared, (long)length * element.Bytes, 16);
            sharedArrays.Add(key, array);
            function.Arrays.Add(array);
        }
        return new ViewValue(element) { Space = Space.Shared, Address = SymbolAddress(array), Length = ir.Long(length) };
    }

    private readonly Dictionary<string, MemoryArray> sharedArrays = [];
    private MemoryArray? dynamicShared;

    private ViewValue DynamicShared(TypeLayout element)
    {
        if (dynamicShared is null)
        {
            dynamicShared = new MemoryArray("dynamic_shared", Space.Shared, 0, 16) { IsOpen = true };
            function.Arrays.Add(dynamicShared);
        }
        Value bytes = Special(SpecialRegister.DynamicSharedBytes);
        Value length = ir.Unary(Op.ZeroExtend, IrType.I64, ir.Binary(Op.DivUnsigned, bytes, ir.Int(element.Bytes)));
        return new ViewValue(element) { Space = Space.Shared, Address = SymbolAddress(dynamicShared), Length = length };
    }

    private ViewValue AllocateLocal(TypeLayout element, int length, int at)
    {
        var origin = new Origin(frame.Il, -1 - at);
        if (inMemory.Contains(origin) || length > MaxLocalElements)
        {
            RefValue memory = NewLocalMemory(element, length);
            return new ViewValue(element) { Space = Space.Local, Address = memory.Address, Length = ir.Long(length) };
        }
        var slots = new Slot[length];
        for (int i = 0; i < length; i++) slots[i] = NewSlot(element, null, Variable.WhileFrameLives, isSingle: false);
        return new ViewValue(element) { Space = Space.Local, Array = new PrivateArray(element, slots, origin), Length = ir.Long(length) };
    }

    /// <summary>The elements of an inline array, in registers or in memory.</summary>
    private ViewValue InlineSpan(RefValue reference)
    {
        TypeLayout layout = reference.Element;
        if (reference.Slot is StructSlot slot) return new ViewValue(layout.Parts[0]) { Space = Space.Local, Array = slot.Array, Length = ir.Long(slot.Parts.Length) };
        RefValue memory = reference.Slot is MemorySlot m ? m.Memory : reference;
        return new ViewValue(layout.Parts[0]) { Space = memory.Space, ReadOnly = memory.ReadOnly, Address = AddressOf(memory), Length = ir.Long(layout.Parts.Length) };
    }

    private void EmitAtomic(Intrinsic which, CallTarget target)
    {
        Value value = PopValue();
        Value? comparand = which == Intrinsic.AtomicCompareExchange ? value : null;
        if (comparand is not null) value = PopValue();
        RefValue reference = PopReference();
        if (reference.Slot is not null || reference.Space == Space.Local)
            throw Diagnostics.Argument(Here(), $"`{target.Name}` on a local variable", "Atomics work on global and shared memory");
        Type type = ((System.Reflection.MethodInfo)target.Method).ReturnType;
        bool unsigned = type == typeof(uint) || type == typeof(ulong);
        AtomicOp op = which switch
        {
            Intrinsic.AtomicAdd => AtomicOp.Add,
            Intrinsic.AtomicMin => unsigned ? AtomicOp.MinUnsigned : AtomicOp.MinSigned,
            Intrinsic.AtomicMax => unsigned ? AtomicOp.MaxUnsigned : AtomicOp.MaxSigned,
            Intrinsic.AtomicAnd => AtomicOp.And,
            Intrinsic.AtomicOr => AtomicOp.Or,
            Intrinsic.AtomicXor => AtomicOp.Xor,
            Intrinsic.AtomicExchange => AtomicOp.Exchange,
            _ => AtomicOp.CompareExchange,
        };
        // ILGPU's order is (target, compare, value).
        Value[] args = comparand is null ? [reference.Address!, value] : [reference.Address!, value, comparand];
        var access = new Access(reference.Space, reference.Element.Memory, 1, false);
        Push(ir.Append(Op.Atomic, reference.Element.Memory.Register(), args, (byte)op, reference.Offset, access));
    }

    private void EmitCompileTime(Intrinsic which, CallTarget target)
    {
        switch (which)
        {
            case Intrinsic.UnrollFrom:
                Value start = PopValue();
                if (!start.IsConstant) throw Diagnostics.NotConstant(Here(), "the argument of Unroll.From");
                Push(function.Constant(start.Type, start.Imm, isStatic: true));
                break;
            case Intrinsic.SizeOf: Push(ir.Int(InMemory(LayoutOf(target.Method.GetGenericArguments()[0])).Bytes)); break;
            case Intrinsic.ReferenceAs: EmitReferenceAs(target); break;
        }
    }

    /// <summary>Unsafe.As and Unsafe.AsRef: the same place, seen as another type of the same size or in memory.</summary>
    private void EmitReferenceAs(CallTarget target)
    {
        Type[] types = target.Method.GetGenericArguments();
        RefValue reference = PopReference();
        TypeLayout to = LayoutOf(types[^1]);
        if (reference.Slot is null) Push(new RefValue(to) { Space = reference.Space, ReadOnly = reference.ReadOnly, Address = reference.Address, Offset = reference.Offset });
        else if (reference.Element == to) Push(reference);
        else throw Diagnostics.Framework(Here(), target.Name, "A local variable in registers has one type only; use Interop to reinterpret bits");
    }
}
