using System.Reflection;
using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: calls, which are inlined, and the kernel's parameters.</summary>
internal sealed partial class KernelBuilder
{
    private bool Call(IlInstruction i, bool isVirtual)
    {
        Type? constraint = constrained;
        constrained = null;
        CallTarget target = frame.Il.ResolveCall(i, constraint);
        if (target.Intrinsic != Intrinsic.None)
        {
            EmitIntrinsic(target);
            index++;
            return true;
        }
        MethodBase method = target.Method;
        if (method.IsAbstract || (isVirtual && method is { IsVirtual: true, IsFinal: false } && method.DeclaringType is { IsValueType: false }))
            throw Diagnostics.Virtual(Here(), target.Name);
        Enter(target, null);
        return true;
    }

    private bool NewObject(IlInstruction i)
    {
        CallTarget target = frame.Il.ResolveCall(i, null);
        Type type = target.Method.DeclaringType!;
        if (target.Intrinsic != Intrinsic.None)
        {
            EmitIntrinsic(target);
            index++;
            return true;
        }
        if (typeof(Delegate).IsAssignableFrom(type)) throw Diagnostics.Delegate(Here());
        if (typeof(Exception).IsAssignableFrom(type)) throw Diagnostics.Exceptions(Here(), $"throw new {type.Name}");
        if (!type.IsValueType) throw Diagnostics.Allocation(Here(), type.Name);
        Enter(target, LayoutOf(type));
        return true;
    }

    /// <summary>Starts to execute the called method with the arguments on the stack; for a constructor, on a new object.</summary>
    private void Enter(CallTarget target, TypeLayout? constructed)
    {
        if (target.IsFramework && !Intrinsics.IsInlinable(target.Method)) throw Refused(target);
        IlMethod il = IlMethod.Of(target.Method) ?? throw Diagnostics.NoBody(Here(), target.Name);
        if (il.HasHandlers) throw Diagnostics.Exceptions($"{SourceMap.Describe(il.Method, 0)} called from {Here()}", "try");
        if (frame.Depth >= MaxDepth) throw Diagnostics.Recursion(Here(), target.Name);
        for (Frame? f = frame; f is not null; f = f.Parent)
            if (f.Il == il) throw Diagnostics.Recursion(Here(), target.Name);
        Frame caller = frame;
        int given = target.Arguments - (constructed is null ? 0 : 1);
        var arguments = new Abstract[given];
        for (int i = given - 1; i >= 0; i--) arguments[i] = Pop();
        var callee = new Frame(il, caller, index + 1) { CallerStack = stack, CallerSerial = serial };
        if (constructed is not null) callee.Constructed = NewSlot(constructed, callee, Variable.WhileFrameLives, isSingle: false);
        frame = callee;
        stack = [];
        int slot = il.Locals.Length;
        if (callee.Constructed is { } made)
        {
            Store(made, Zero(constructed!));
            Store(SlotOf(slot++), new RefValue(made.Layout) { Slot = made });
        }
        foreach (Abstract argument in arguments) Store(SlotOf(slot++), argument);
        index = 0;
    }

    private MmkException Refused(CallTarget target)
    {
        Type type = target.Method.DeclaringType!;
        if (Intrinsics.IsWideNumber(type)) return Diagnostics.WideNumber(Here(), type.Name);
        return type == typeof(string) || type == typeof(System.Text.StringBuilder) ? Diagnostics.Text(Here()) : Diagnostics.Framework(Here(), target.Name, Intrinsics.HintFor(target.Method));
    }

    /// <summary>Ends the current call; false where that ends the block.</summary>
    private bool Return()
    {
        if (frame.Parent is not { } caller) return false;
        Abstract? result = frame.Il.ReturnType == typeof(void) ? null : Pop();
        if (frame.Constructed is { } made) result = Load(made);
        Frame ended = frame;
        if (ended.CallerSerial == serial) stack = ended.CallerStack!;
        else
        {
            stack = [];
            foreach (Slot slot in ended.CallerSlots!) stack.Add(Load(slot));
        }
        if (result is not null) stack.Add(NarrowResult(result, ended.Il.ReturnType));
        frame = caller;
        index = ended.ReturnIndex;
        if (!ended.IsDynamic) return true;
        Link(caller, ended.ReturnIndex);
        return false;
    }

    /// <summary>A truth value that IL made of numbers becomes a predicate again.</summary>
    private Abstract NarrowResult(Abstract result, Type type)
        => type == typeof(bool) && result is Value { Type: IrType.I32 } value ? Coerce(value, IrType.Pred) : result;

    private List<CompiledParameter> DeclareParameters(MethodInfo kernel)
    {
        var declared = new List<CompiledParameter>();
        ParameterInfo[] parameters = kernel.GetParameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            string name = parameters[i].Name ?? $"p{i}";
            TypeLayout? layout = parameters[i].ParameterType.IsByRef ? null : TypeLayout.Of(parameters[i].ParameterType);
            Slot slot;
            switch (layout)
            {
                case { Form: LayoutForm.View, Element: { } element } when InMemory(element) is not null:
                    Value address = Parameter(name, IrType.I64, MemoryType.B64, isPointer: true);
                    Value length = Parameter($"{name}_length", IrType.I64, MemoryType.B64, isPointer: false);
                    slot = SlotOf(frame.Il.Locals.Length + i);
                    Store(slot, new ViewValue(element) { Space = Space.Global, ReadOnly = layout.Direction == ParameterDirection.In, Address = address, Length = length });
                    declared.Add(new CompiledParameter(name, ParameterKind.View, layout.Direction, element.Type, element.Bytes));
                    break;
                case { Form: LayoutForm.Scalar }:
                    slot = SlotOf(frame.Il.Locals.Length + i);
                    Value value = Parameter(name, layout.Memory.Register(), layout.Memory, isPointer: false);
                    Store(slot, layout.Register == IrType.Pred ? ir.Compare(Condition.Ne, value, ir.Int(0)) : value);
                    declared.Add(new CompiledParameter(name, ParameterKind.Scalar, ParameterDirection.None, layout.Type, layout.Bytes));
                    break;
                case { Form: LayoutForm.Struct } when !HoldsAddresses(layout):
                    slot = SlotOf(frame.Il.Locals.Length + i);
                    Store(slot, StructOf(InMemory(layout), new StructParameter(name, layout.Bytes, layout.Align), name, 0));
                    declared.Add(new CompiledParameter(name, ParameterKind.Struct, ParameterDirection.None, layout.Type, layout.Bytes));
                    break;
                default:
                    throw Diagnostics.ParameterType(kernel.Name, name, parameters[i].ParameterType.ToString());
            }
        }
        return declared;
    }

    /// <summary>A struct parameter, number by number.</summary>
    private Abstract StructOf(TypeLayout layout, StructParameter owner, string name, int offset)
    {
        if (layout.Form == LayoutForm.Scalar)
        {
            IrType type = layout.Memory.Register();
            function.Parameters.Add(new IrParameter(name, type, layout.Memory, IsPointer: false, owner, offset));
            Value value = ir.Append(Op.Parameter, type, Value.None, imm: function.Parameters.Count - 1);
            return layout.Register == IrType.Pred ? ir.Compare(Condition.Ne, value, ir.Int(0)) : value;
        }
        var parts = new Abstract[layout.Parts.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = StructOf(layout.Parts[i], owner, $"{name}.{(i < layout.Fields.Length ? layout.Fields[i].Name : i)}", offset + layout.Offsets[i]);
        return new StructValue(layout, parts);
    }

    private static bool HoldsAddresses(TypeLayout layout)
    {
        foreach (TypeLayout part in layout.Parts)
            if (part.Form is LayoutForm.View or LayoutForm.Reference || HoldsAddresses(part)) return true;
        return layout.Bytes > MaxParameterBytes;
    }

    private const int MaxParameterBytes = 4096;

    private Value Parameter(string name, IrType type, MemoryType memory, bool isPointer)
    {
        function.Parameters.Add(new IrParameter(name, type, memory, isPointer));
        return ir.Append(Op.Parameter, type, Value.None, imm: function.Parameters.Count - 1);
    }
}
