using System.Reflection;
using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: IL instructions other than calls.</summary>
internal sealed partial class KernelBuilder
{

    private Type? constrained;

    private void Push(Abstract value) => stack.Add(value);

    private Abstract Pop()
    {
        Abstract top = stack[^1];
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private Value PopValue() => AsValue(Pop());

    private RefValue PopReference() => Pop() as RefValue ?? throw Diagnostics.TypeInKernel(Here(), "a pointer");

    private Value AsValue(Abstract value) => value as Value ?? throw (value is StackPointer or DataField ? Diagnostics.Pointer(Here(), "a pointer") : Diagnostics.TypeInKernel(Here(), value switch
    {
        StructValue s => $"{s.Layout.Type} where a number is needed",
        ViewValue v => $"a view of {v.Element.Type} where a number is needed",
        _ => "a reference where a number is needed",
    }));

    /// <summary>Executes one instruction; false where it ends the block.</summary>
    private bool Step(IlInstruction i)
    {
        switch (i.Op)
        {
            case IlOp.Nop or IlOp.Prefix: break;
            case IlOp.Constrained: constrained = frame.Il.ResolveType(i); break;
            case IlOp.LoadLocal: Push(Load(SlotOf((int)i.Operand))); break;
            case IlOp.LoadArg: Push(Load(SlotOf(frame.Il.Locals.Length + (int)i.Operand))); break;
            case IlOp.StoreLocal: Store(SlotOf((int)i.Operand), Pop()); break;
            case IlOp.StoreArg: Store(SlotOf(frame.Il.Locals.Length + (int)i.Operand), Pop()); break;
            case IlOp.LoadLocalAddress: PushAddress((int)i.Operand); break;
            case IlOp.LoadArgAddress: PushAddress(frame.Il.Locals.Length + (int)i.Operand); break;
            case IlOp.LoadInt: Push(ir.Int((int)i.Operand)); break;
            case IlOp.LoadLong: Push(ir.Long(i.Operand)); break;
            case IlOp.LoadFloat: Push(function.Constant(IrType.F32, i.Operand)); break;
            case IlOp.LoadDouble: Push(function.Constant(IrType.F64, i.Operand)); break;
            case IlOp.Dup: Push(stack[^1]); break;
            case IlOp.Pop: Pop(); break;
            case IlOp.Call: return Call(i, isVirtual: false);
            case IlOp.CallVirtual: return Call(i, isVirtual: true);
            case IlOp.NewObject: return NewObject(i);
            case IlOp.Return: return Return();
            case IlOp.Jump: return GoTo(i.Target);
            case IlOp.BranchTrue: return Branch(Coerce(PopValue(), IrType.Pred), i.Target, index + 1);
            case IlOp.BranchFalse: return Branch(Coerce(PopValue(), IrType.Pred), index + 1, i.Target);
            case IlOp.BranchCompare:
                Value right = PopValue();
                return Branch(Compare((IlCompare)i.Kind, PopValue(), right), i.Target, index + 1);
            case IlOp.Switch: return SwitchOn(Coerce(PopValue(), IrType.I32), i.Targets!);
            case IlOp.Compare:
                Value y = PopValue();
                Push(Compare((IlCompare)i.Kind, PopValue(), y));
                break;
            case >= IlOp.Add and <= IlOp.ShrUnsigned: Arithmetic(i.Op); break;
            case IlOp.Neg: Push(Negate(PopValue())); break;
            case IlOp.Not: Push(Complement(PopValue())); break;
            case IlOp.Convert when stack[^1] is StackPointer: break;
            case IlOp.Convert when stack[^1] is RefValue: throw Diagnostics.Pointer(Here(), "the address of a variable");
            case IlOp.Convert: Push(Convert((IlConvert)i.Kind, PopValue())); break;
            default: StepMemory(i); break;
        }
        index++;
        return true;
    }

    private void StepMemory(IlInstruction i)
    {
        switch (i.Op)
        {
            case IlOp.LoadObject or IlOp.LoadIndirect: Push(LoadFrom(PopReference())); break;
            case IlOp.StoreObject or IlOp.StoreIndirect:
                Abstract stored = Pop();
                if (stack[^1] is StackPointer pointer) Initialise(pointer, stored);
                else StoreTo(PopReference(), stored);
                break;
            case IlOp.StackAllocate: Push(AllocateStack(PopValue())); break;
            case IlOp.CopyBlock: CopyData(); break;
            case IlOp.LoadStaticAddress or IlOp.LoadToken: Push(StaticAddress(i)); break;
            case IlOp.CopyObject:
                RefValue source = PopReference();
                StoreTo(PopReference(), LoadFrom(source));
                break;
            case IlOp.InitObject:
                RefValue cleared = PopReference();
                StoreTo(cleared, Zero(cleared.Element));
                break;
            case IlOp.SizeOf: Push(ir.Int(InMemory(LayoutOf(frame.Il.ResolveType(i))).Bytes)); break;
            case IlOp.LoadField: Push(LoadField(frame.Il.ResolveField(i))); break;
            case IlOp.LoadFieldAddress: Push(FieldReference(PopReference(), frame.Il.ResolveField(i))); break;
            case IlOp.StoreField:
                Abstract value = Pop();
                StoreTo(FieldReference(PopReference(), frame.Il.ResolveField(i)), value);
                break;
            case IlOp.LoadStaticField: Push(StaticField(frame.Il.ResolveField(i))); break;
            case IlOp.Unsupported when i.Name == "ldstr": Push(Literal(i)); break;
            // The size of a stackalloc is multiplied so.
            case IlOp.Unsupported when i.Name == "checked arithmetic" && frame.Il.Instructions[index + 1].Op == IlOp.StackAllocate: Arithmetic(IlOp.Mul); break;
            default: throw Unsupported(i);
        }
    }

    private void PushAddress(int slot)
    {
        Slot target = SlotOf(slot);
        Push(target is MemorySlot memory ? memory.Memory : new RefValue(target.Layout) { Slot = target });
    }

    private Abstract LoadField(FieldInfo field)
    {
        switch (Pop())
        {
            case RefValue reference:
                return LoadFrom(FieldReference(reference, field));
            case StructValue s when s.Layout.IndexOf(field) is >= 0 and int i:
                return s.Parts[i];
            case ViewValue view when field.Name == "View":
                return new ViewValue(view.Element) { Space = view.Space, Address = view.Address, Length = view.Length };
            default:
                throw Diagnostics.TypeInKernel(Here(), $"{field.DeclaringType}");
        }
    }

    /// <summary>The field View of In, Out and InOut is the same slot, seen as an ArrayView.</summary>
    private RefValue FieldReference(RefValue reference, FieldInfo field)
        => reference.Element.Form == LayoutForm.View && field.Name == "View" ? reference : FieldOf(reference, field);

    private MmkException Unsupported(IlInstruction i)
    {
        string place = Here();
        return i.Name switch
        {
            "ldstr" => IsForThrow() ? Diagnostics.Exceptions(place, "throw") : Diagnostics.Text(place),
            "ldnull" => Diagnostics.TypeInKernel(place, "a null reference"),
            "castclass" or "isinst" => Diagnostics.Virtual(place, $"{frame.Il.ResolveType(i)}"),
            "calli" => Diagnostics.Delegate(place),
            "box" or "unbox" or "unbox.any" => Diagnostics.Boxing(place, frame.Il.ResolveType(i).ToString()),
            "newarr" => Diagnostics.Allocation(place, $"{frame.Il.ResolveType(i).Name}[]"),
            "throw" or "rethrow" or "leave" or "endfinally" or "endfilter" => Diagnostics.Exceptions(place, i.Name),
            "ldftn" or "ldvirtftn" => Diagnostics.Delegate(place),
            "checked arithmetic" => Diagnostics.Checked(place),
            "stsfld" => Diagnostics.StaticField(place, FieldName(i)),
            _ => Diagnostics.Instruction(place, i.Name),
        };
    }

    /// <summary>Whether the string is the message of an exception that is thrown.</summary>
    private bool IsForThrow()
    {
        IlInstruction[] code = frame.Il.Instructions;
        for (int i = index + 1; i < Math.Min(code.Length, index + 5); i++)
            if (code[i] is { Op: IlOp.Unsupported, Name: "throw" }) return true;
        return false;
    }

    private string FieldName(IlInstruction i)
    {
        FieldInfo field = frame.Il.ResolveField(i);
        return $"{field.DeclaringType?.Name}.{field.Name}";
    }

    private void Arithmetic(IlOp op)
    {
        Value y = PopValue();
        if (op == IlOp.Add && stack[^1] is StackPointer pointer && y.IsConstant)
        {
            Pop();
            Push(new StackPointer(pointer.Block, pointer.Offset + y.Imm));
            return;
        }
        Value x = PopValue();
        if (op is IlOp.Shl or IlOp.Shr or IlOp.ShrUnsigned)
        {
            if (x.Type == IrType.Pred) x = Coerce(x, IrType.I32);
            Push(ir.Binary(Operation(op), x.Type, x, Coerce(y, IrType.I32)));
            return;
        }
        if (x.Type == IrType.Pred && y.Type == IrType.Pred && op is IlOp.And or IlOp.Or or IlOp.Xor)
        {
            Push(ir.Binary(Operation(op), IrType.Pred, x, y));
            return;
        }
        Unify(ref x, ref y);
        if (x.Type.IsFloat() && op == IlOp.Rem)
            throw Diagnostics.Argument(Here(), "`%` on floating-point numbers", "GPUs have no exact remainder; x - y * XMath.Truncate(x / y) is one for small quotients");
        if (y.Is(0) && !x.Type.IsFloat() && op is IlOp.Div or IlOp.DivUnsigned or IlOp.Rem or IlOp.RemUnsigned)
            throw Diagnostics.Argument(Here(), "a division by zero", "It would throw in C#; GPUs give a number without a meaning");
        Push(ir.Binary(Operation(op), x.Type, x, y));
    }

    private static Op Operation(IlOp op) => op switch
    {
        IlOp.Add => Op.Add,
        IlOp.Sub => Op.Sub,
        IlOp.Mul => Op.Mul,
        IlOp.Div => Op.Div,
        IlOp.DivUnsigned => Op.DivUnsigned,
        IlOp.Rem => Op.Rem,
        IlOp.RemUnsigned => Op.RemUnsigned,
        IlOp.And => Op.And,
        IlOp.Or => Op.Or,
        IlOp.Xor => Op.Xor,
        IlOp.Shl => Op.Shl,
        IlOp.Shr => Op.Shr,
        _ => Op.ShrUnsigned,
    };

    private Value Negate(Value x)
    {
        if (x.Type == IrType.Pred) x = Coerce(x, IrType.I32);
        return ir.Unary(Op.Neg, x.Type, x);
    }

    private Value Complement(Value x)
    {
        if (x.Type == IrType.Pred) x = Coerce(x, IrType.I32);
        return ir.Unary(Op.Not, x.Type, x);
    }

    /// <summary>Brings the operands of an operation to one type, as IL's implicit rules say.</summary>
    private void Unify(ref Value x, ref Value y)
    {
        if (x.Type == y.Type && x.Type is not (IrType.Pred or IrType.I16)) return;
        IrType type = x.Type == IrType.F64 || y.Type == IrType.F64 ? IrType.F64
            : x.Type == IrType.F32 || y.Type == IrType.F32 ? IrType.F32
            : x.Type == IrType.I64 || y.Type == IrType.I64 ? IrType.I64 : IrType.I32;
        x = Coerce(x, type);
        y = Coerce(y, type);
    }

    private Value Compare(IlCompare comparison, Value x, Value y)
    {
        // A truth value against 0 or 1.
        if (x.Type == IrType.Pred && y.IsConstant && y.Type == IrType.I32 && comparison is IlCompare.Eq or IlCompare.NeUn && y.Imm is 0 or 1)
            return (comparison == IlCompare.Eq) == (y.Imm == 1) ? x : ir.Not(x);
        if (x.Type == IrType.Pred && y.Is(0) && comparison == IlCompare.GtUn) return x;
        Unify(ref x, ref y);
        bool isFloat = x.Type.IsFloat();
        Condition condition = comparison switch
        {
            IlCompare.Eq => Condition.Eq,
            IlCompare.Ge => Condition.Ge,
            IlCompare.Gt => Condition.Gt,
            IlCompare.Le => Condition.Le,
            IlCompare.Lt => Condition.Lt,
            IlCompare.NeUn => isFloat ? Condition.Neu : Condition.Ne,
            IlCompare.GeUn => isFloat ? Condition.Geu : Condition.Hs,
            IlCompare.GtUn => isFloat ? Condition.Gtu : Condition.Hi,
            IlCompare.LeUn => isFloat ? Condition.Leu : Condition.Ls,
            _ => isFloat ? Condition.Ltu : Condition.Lo,
        };
        return ir.Compare(condition, x, y);
    }

    private Value Coerce(Value x, IrType type)
    {
        if (x.Type == type) return x;
        switch (x.Type, type)
        {
            case (IrType.Pred, IrType.I32): return x.IsConstant ? function.Constant(IrType.I32, x.Imm, x.Static) : ir.Select(x, ir.Int(1), ir.Int(0));
            case (IrType.I32 or IrType.I64, IrType.Pred): return ir.Compare(Condition.Ne, x, function.Constant(x.Type, 0));
            case (IrType.I32, IrType.I64): return ir.Unary(Op.SignExtend, type, x);
            case (IrType.I64, IrType.I32) or (IrType.I32, IrType.I16): return ir.Unary(Op.Narrow, type, x);
            case (IrType.I16, IrType.I32): return ir.Unary(Op.ZeroExtend, type, x);
            case (IrType.Pred, IrType.I64): return ir.Unary(Op.SignExtend, type, Coerce(x, IrType.I32));
            case (IrType.F32, IrType.F64) or (IrType.F64, IrType.F32): return ir.Unary(Op.FloatToFloat, type, x);
            default: throw Diagnostics.TypeInKernel(Here(), $"{x.Type} where {type} is needed");
        }
    }

    private Value Convert(IlConvert to, Value x)
    {
        if (x.Type is IrType.Pred or IrType.I16) x = Coerce(x, IrType.I32);
        if (to == IlConvert.RUn) return UnsignedToFloat(x);
        if (to == IlConvert.R4) return x.Type.IsFloat() ? Coerce(x, IrType.F32) : ir.Unary(Op.IntToFloat, IrType.F32, x);
        if (to == IlConvert.R8) return x.Type.IsFloat() ? Coerce(x, IrType.F64) : ir.Unary(Op.IntToFloat, IrType.F64, x);
        if (x.Type.IsFloat())
        {
            if (to is IlConvert.I8 or IlConvert.I) return FloatToInteger(Op.FloatToInt, IrType.I64, x);
            if (to is IlConvert.U8 or IlConvert.U) return FloatToInteger(Op.FloatToUnsigned, IrType.I64, x);
            if (to == IlConvert.U4) return FloatToInteger(Op.FloatToUnsigned, IrType.I32, x);
            x = FloatToInteger(Op.FloatToInt, IrType.I32, x);
        }
        switch (to)
        {
            case IlConvert.I8 or IlConvert.I: return Coerce(x, IrType.I64);
            case IlConvert.U8 or IlConvert.U: return x.Type == IrType.I64 ? x : ir.Unary(Op.ZeroExtend, IrType.I64, x);
        }
        x = Coerce(x, IrType.I32);
        return to switch
        {
            IlConvert.I1 => ir.Unary(Op.SignExtend8, IrType.I32, x),
            IlConvert.I2 => ir.Unary(Op.SignExtend16, IrType.I32, x),
            IlConvert.U1 => ir.Binary(Op.And, x, ir.Int(0xFF)),
            IlConvert.U2 => ir.Binary(Op.And, x, ir.Int(0xFFFF)),
            _ => x,
        };
    }

    /// <summary>C# saturates and makes 0 of NaN; so does cvt, but for NaN only from f32 to 32 bits.</summary>
    private Value FloatToInteger(Op op, IrType type, Value x)
    {
        Value converted = ir.Unary(op, type, x);
        return x.Type == IrType.F32 && type == IrType.I32 ? converted : ir.Select(ir.Compare(Condition.Eq, x, x), converted, function.Constant(type, 0));
    }

    /// <summary>C# writes <c>(float)someUint</c> as conv.r.un and conv.r4; both round once, straight to the type that follows.</summary>
    private Value UnsignedToFloat(Value x)
    {
        IlInstruction[] code = frame.Il.Instructions;
        bool single = index + 1 < code.Length && code[index + 1] is { Op: IlOp.Convert, Kind: (byte)IlConvert.R4 };
        return ir.Unary(Op.UnsignedToFloat, single ? IrType.F32 : IrType.F64, x);
    }
}
