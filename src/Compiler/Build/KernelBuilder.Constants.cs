using System.Reflection;
using System.Runtime.CompilerServices;
using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: values that are there before the kernel runs (static readonly fields, constant arrays), and stackalloc.</summary>
internal sealed partial class KernelBuilder
{
    /// <summary>Elements that are zeroed one by one; more are zeroed in a loop.</summary>
    private const int MaxPlainZeros = 32;

    /// <summary>Whether the code holds a value that a static readonly field has in this process.</summary>
    public bool HoldsStaticFields { get; private set; }

    /// <summary>The value that a static readonly field has now.</summary>
    private Abstract StaticField(FieldInfo field)
    {
        string name = $"{field.DeclaringType?.Name}.{field.Name}";
        TypeLayout? layout = TypeLayout.Of(field.FieldType);
        if (!(field.IsLiteral || field.IsInitOnly) || layout is not { Form: LayoutForm.Scalar or LayoutForm.Struct }) throw Diagnostics.StaticField(Here(), name);
        HoldsStaticFields |= field.IsInitOnly;
        try
        {
            return ConstantOf(layout, field.GetValue(null)!) ?? throw Diagnostics.StaticField(Here(), name);
        }
        catch (Exception e) when (e is TypeInitializationException or TargetInvocationException)
        {
            throw Diagnostics.Argument(Here(), $"the initialiser of `{name}` throws {(e.InnerException ?? e).GetType().Name}", "Give the field a value that can be computed");
        }
    }

    /// <summary>A boxed value as the compiler sees it; null where its fields do not show (an inline array).</summary>
    private Abstract? ConstantOf(TypeLayout layout, object value)
    {
        if (layout.Form == LayoutForm.Scalar) return layout.Register == IrType.I16 ? HalfOf(value) : ScalarOf(layout, value);
        if (layout.Form != LayoutForm.Struct || layout.Fields.Length != layout.Parts.Length) return null;
        var parts = new Abstract[layout.Parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (ConstantOf(layout.Parts[i], layout.Fields[i].GetValue(value)!) is not { } part) return null;
            parts[i] = part;
        }
        return new StructValue(layout, parts);
    }

    private Value ScalarOf(TypeLayout layout, object value) => value switch
    {
        float f => function.Constant(f),
        double d => function.Constant(d),
        bool b => function.Constant(IrType.Pred, b ? 1 : 0),
        char c => ir.Int(c),
        ulong u => ir.Long((long)u),
        uint u => ir.Int((int)u),
        nint n => ir.Long(n),
        nuint n => ir.Long((long)n),
        Enum e => ScalarOf(layout, System.Convert.ChangeType(e, e.GetTypeCode(), System.Globalization.CultureInfo.InvariantCulture)),
        _ => function.Constant(layout.Register, System.Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)),
    };

    private Value HalfOf(object value) => function.Constant(IrType.I16, value is Half half
        ? BitConverter.HalfToUInt16Bits(half)
        : (ushort)value.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic)[0].GetValue(value)!);

    /// <summary>A reference to a static readonly field, or a field that the C# compiler made for the bytes of a constant array.</summary>
    private Abstract StaticAddress(IlInstruction i)
    {
        FieldInfo? field = null;
        if (i.Op == IlOp.LoadStaticAddress) field = frame.Il.ResolveField(i);
        else if (frame.Il.ResolveToken(i) is FieldInfo named) field = named;
        if (i.Op == IlOp.LoadStaticAddress && field is { IsInitOnly: true } && (field.Attributes & FieldAttributes.HasFieldRVA) == 0)
        {
            Abstract value = StaticField(field);
            Slot slot = NewSlotFor(value, null, Variable.WhileFrameLives, isSingle: true);
            Store(slot, value);
            return new RefValue(slot.Layout) { Slot = slot };
        }
        if (field is { IsStatic: true } && (field.Attributes & FieldAttributes.HasFieldRVA) != 0) return new DataField(field);
        throw i.Op == IlOp.LoadStaticAddress ? Diagnostics.StaticField(Here(), FieldName(i)) : Diagnostics.Instruction(Here(), "typeof");
    }

    private static byte[] BytesOf(FieldInfo field)
    {
        // Such a field has a type of its own whose size is its number of bytes, or is a number itself.
        Type type = field.FieldType;
        int size = type.IsPrimitive ? TypeLayout.Of(type)!.Bytes : type.StructLayoutAttribute!.Size;
        var bytes = new byte[size];
        RuntimeHelpers.InitializeArray(bytes, field.FieldHandle);
        return bytes;
    }

    private StackPointer AllocateStack(Value bytes)
    {
        if (!bytes.IsConstant) throw Diagnostics.NotConstant(Here(), "the size of a stackalloc");
        return new StackPointer(new StackBlock(bytes.Imm, index), 0);
    }

    /// <summary>A number of an initialiser: the C# compiler writes them before it makes the span.</summary>
    private void Initialise(StackPointer pointer, Abstract value)
    {
        Pop();
        pointer.Block.Writes.Add((pointer.Offset, value));
    }

    private void CopyData()
    {
        PopValue();
        byte[]? data = Pop() switch
        {
            DataField field => BytesOf(field.Field),
            RefValue { Offset: 0, Address: { Op: Op.Symbol, Symbol: MemoryArray table } } => table.Data,
            _ => null,
        };
        if (data is null || Pop() is not StackPointer { Offset: 0 } pointer || data.Length > pointer.Block.Bytes) throw Diagnostics.Pointer(Here(), "a copy of memory");
        pointer.Block.Data = data;
    }

    /// <summary>new Span(pointer, length), and RuntimeHelpers.CreateSpan(field).</summary>
    private void MakeSpan(CallTarget target)
    {
        Type elementType = target.Method.IsConstructor ? target.Method.DeclaringType!.GetGenericArguments()[0] : target.Method.GetGenericArguments()[0];
        TypeLayout element = LayoutOf(elementType);
        Value? length = target.Method.IsConstructor && target.Method.GetParameters() is [{ ParameterType.IsPointer: true }, _] ? PopValue() : null;
        switch (Pop())
        {
            case StackPointer { Offset: 0 } pointer when length is { IsConstant: true, Imm: >= 0 } && length.Imm * element.Bytes <= pointer.Block.Bytes:
                Push(StackSpan(pointer.Block, element, (int)length.Imm));
                break;
            case DataField data:
                Push(ConstantSpan(data.Field, element, length));
                break;
            case StackPointer:
                throw Diagnostics.NotConstant(Here(), "the length of a span");
            default:
                throw Diagnostics.Framework(Here(), target.Name, "Spans of kernels are made by stackalloc, of constants, and of other spans");
        }
    }

    private ViewValue StackSpan(StackBlock block, TypeLayout element, int length)
    {
        if (length == 0) return new ViewValue(element) { Space = Space.Local, Address = ir.Long(0), Length = ir.Long(0) };
        ViewValue span = AllocateLocal(element, length, block.Index);
        if (block.Data is { } data)
            for (int i = 0; i < length; i++) StoreTo(ElementOf(span, ir.Int(i)), Element(element, data, i));
        else if (frame.Il.ZeroesLocals && block.Writes.Count < length) Clear(span, length);
        foreach ((long offset, Abstract value) in block.Writes) StoreTo(ElementOf(span, ir.Int((int)(offset / element.Bytes))), value);
        return span;
    }

    private void Clear(ViewValue span, int length)
    {
        if (span.Array is not null || length <= MaxPlainZeros)
        {
            for (int i = 0; i < length; i++) StoreTo(ElementOf(span, ir.Int(i)), Zero(span.Element));
            return;
        }
        Variable counter = NewVariable(IrType.I32, null, Variable.WhileFrameLives, isSingle: true);
        Write(counter, ir.Int(0));
        Finish();
        Block before = ir.Block, loop = function.NewBlock(), after = function.NewBlock();
        before.Next = loop;
        ir.Block = loop;
        Value i32 = ir.Append(Op.ReadVariable, IrType.I32, Value.None, imm: counter.Id);
        StoreTo(ElementOf(span, i32), Zero(span.Element));
        Value next = ir.Binary(Op.Add, i32, ir.Int(1));
        loop.Assigned[counter.Id] = next;
        loop.Condition = ir.Compare(Condition.Lt, next, ir.Int(length));
        loop.Next = loop;
        loop.Else = after;
        loop.Predecessors.AddRange([before, loop]);
        after.Predecessors.Add(loop);
        ir.Block = after;
        counter.Value = null;
        counter.IsWritten = false;
    }

    /// <summary>A table in constant memory; reads at known indices are folded later.</summary>
    private ViewValue ConstantSpan(FieldInfo field, TypeLayout element, Value? length)
    {
        byte[] data = BytesOf(field);
        if (element.Form != LayoutForm.Scalar || element.Register == IrType.I16) throw Diagnostics.TypeInKernel(Here(), $"{element.Type} in a table");
        int count = length is { IsConstant: true } ? (int)length.Imm : data.Length / element.Bytes;
        if (count < 0 || (long)count * element.Bytes > data.Length) throw Diagnostics.NotConstant(Here(), "the length of a span");
        if (!tables.TryGetValue(field, out MemoryArray? array))
        {
            array = new MemoryArray($"table{tables.Count}", Space.Const, data.Length, 16) { Data = data };
            tables.Add(field, array);
            function.Arrays.Add(array);
        }
        return new ViewValue(element) { Space = Space.Const, ReadOnly = true, Address = SymbolAddress(array), Length = ir.Long(count) };
    }

    private readonly Dictionary<FieldInfo, MemoryArray> tables = [];

    private Abstract Element(TypeLayout element, byte[] data, int i)
    {
        if (element.Form != LayoutForm.Scalar) throw Diagnostics.TypeInKernel(Here(), $"{element.Type} in a constant array");
        long bits = Folder.Read(data, (long)i * element.Bytes, element.Memory);
        return element.Register == IrType.Pred ? function.Constant(IrType.Pred, bits != 0 ? 1 : 0) : function.Constant(element.Register, bits);
    }
}
