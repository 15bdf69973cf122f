using System.Reflection;
using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: variables, slots and references.</summary>
internal sealed partial class KernelBuilder
{
    private readonly List<RefFact> memoryFacts = [];

    private TypeLayout LayoutOf(Type type) => TypeLayout.Of(type) ?? throw RefusedType(type);

    /// <summary>The layout, which must be what .NET has in memory too.</summary>
    private TypeLayout InMemory(TypeLayout layout) => layout.IsOrderedByRuntime ? throw Diagnostics.RuntimeLayout(Here(), layout.Type.ToString()) : layout;

    private MmkException RefusedType(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer) return Diagnostics.Pointer(Here(), $"a pointer, {type}");
        if (Intrinsics.IsWideNumber(type)) return Diagnostics.WideNumber(Here(), type.Name);
        if (type == typeof(string)) return Diagnostics.Text(Here());
        if (typeof(Delegate).IsAssignableFrom(type)) return Diagnostics.Delegate(Here());
        return Diagnostics.TypeInKernel(Here(), type.ToString());
    }

    private Variable NewVariable(IrType type, Frame? owner, int slot, bool isSingle)
    {
        VariableTypes.Add(type);
        return new Variable(variables++, type, owner, slot) { IsSingle = isSingle };
    }

    private Slot NewSlot(TypeLayout layout, Frame? owner, int slot, bool isSingle, Origin? origin = null)
    {
        switch (layout.Form)
        {
            case LayoutForm.Scalar:
                return new ScalarSlot(layout, NewVariable(layout.Register, owner, slot, isSingle));
            case LayoutForm.Struct:
                var parts = new Slot[layout.Parts.Length];
                for (int i = 0; i < parts.Length; i++) parts[i] = NewSlot(layout.Parts[i], owner, slot, isSingle, origin);
                return new StructSlot(layout, parts, origin);
            default:
                return new AddressSlot(layout, NewVariable(IrType.I64, owner, slot, isSingle), NewVariable(IrType.I32, owner, slot, isSingle), NewVariable(IrType.I64, owner, slot, isSingle));
        }
    }

    /// <summary>A slot that can hold the value.</summary>
    private Slot NewSlotFor(Abstract value, Frame? owner, int slot, bool isSingle) => value switch
    {
        Value v => new ScalarSlot(PlainLayout(v.Type), NewVariable(v.Type == IrType.Pred ? IrType.I32 : v.Type, owner, slot, isSingle)),
        StructValue s => NewSlot(s.Layout, owner, slot, isSingle),
        ViewValue v => NewAddressSlot(v.Element, owner, slot, isSingle),
        TextValue => throw Diagnostics.Text(Here()),
        StackPointer or DataField => throw Diagnostics.Pointer(Here(), "a pointer"),
        _ => NewAddressSlot(((RefValue)value).Element, owner, slot, isSingle),
    };

    private AddressSlot NewAddressSlot(TypeLayout element, Frame? owner, int slot, bool isSingle)
        => new(element, NewVariable(IrType.I64, owner, slot, isSingle), NewVariable(IrType.I32, owner, slot, isSingle), NewVariable(IrType.I64, owner, slot, isSingle));

    private static TypeLayout PlainLayout(IrType type) => TypeLayout.Of(type switch
    {
        IrType.I64 => typeof(long),
        IrType.F32 => typeof(float),
        IrType.F64 => typeof(double),
        IrType.I16 => typeof(Half),
        _ => typeof(int),
    })!;

    /// <summary>The slot of a local (below Locals.Length) or an argument of the current call.</summary>
    private Slot SlotOf(int slot)
    {
        if (frame.Slots[slot] is { } known) return known;
        IlMethod il = frame.Il;
        TypeLayout layout = LayoutOf(slot < il.Locals.Length ? il.Locals[slot] : il.Arguments[slot - il.Locals.Length]);
        var origin = new Origin(il, slot);
        if (layout.Form == LayoutForm.Struct && inMemory.Contains(origin))
            return frame.Slots[slot] = new MemorySlot(layout, NewLocalMemory(layout, 1));
        return frame.Slots[slot] = NewSlot(layout, frame, slot, il.IsSingleAssignment[slot], layout.Form == LayoutForm.Struct ? origin : null);
    }

    /// <summary>A reference to the first of new elements in local memory.</summary>
    private RefValue NewLocalMemory(TypeLayout layout, int count)
    {
        var array = new MemoryArray($"local{function.Arrays.Count}", Space.Local, (long)layout.Bytes * count, 16);
        function.Arrays.Add(array);
        return new RefValue(layout) { Space = Space.Local, Address = SymbolAddress(array) };
    }

    private Value SymbolAddress(MemoryArray array)
    {
        // In the entry block, so that it is there wherever the array is used.
        var value = new Value(function.NextId(), Op.Symbol, array.Space.AddressType(), Value.None) { Symbol = array, Block = function.Entry };
        function.Entry.Values.Insert(0, value);
        return value;
    }

    private Value Read(Variable variable)
    {
        Touch(variable);
        return variable.Value ??= ir.Append(Op.ReadVariable, variable.Type, Value.None, imm: variable.Id);
    }

    private void Write(Variable variable, Value value)
    {
        Touch(variable);
        variable.Value = Coerce(value, variable.Type);
        variable.IsWritten = true;
    }

    private Abstract Load(Slot slot)
    {
        switch (slot)
        {
            case ScalarSlot scalar:
                return Read(scalar.Variable);
            case StructSlot s:
                var parts = new Abstract[s.Parts.Length];
                for (int i = 0; i < parts.Length; i++) parts[i] = Load(s.Parts[i]);
                return new StructValue(s.Layout, parts);
            case MemorySlot memory:
                return LoadFrom(memory.Memory);
            default:
                return LoadAddress((AddressSlot)slot);
        }
    }

    private Abstract LoadAddress(AddressSlot slot)
    {
        Touch(slot.Wide);
        switch (slot.Wide.Fact)
        {
            case ViewFact { Array: { } array } fact:
                return new ViewValue(array.Element) { Space = Space.Local, Array = array, First = fact.First, Length = ir.Long(fact.Count) };
            case ViewFact fact:
                TypeLayout element = slot.Layout.Form == LayoutForm.View ? slot.Layout.Element ?? throw Diagnostics.TypeInKernel(Here(), slot.Layout.Type.ToString()) : slot.Layout;
                return new ViewValue(element) { Space = fact.Space, ReadOnly = fact.ReadOnly, Address = ReadAddress(slot, fact.Space), Length = Read(slot.Length) };
            case RefFact { Slot: { } target }:
                return new RefValue(target.Layout) { Slot = target };
            case RefFact fact:
                return new RefValue(fact.Element) { Space = fact.Space, ReadOnly = fact.ReadOnly, Address = ReadAddress(slot, fact.Space) };
            default:
                throw Diagnostics.Uninitialised(Here(), $"a {(slot.Layout.Form == LayoutForm.View ? "view" : "reference")} of {slot.Layout.Type.Name}");
        }
    }

    private Value ReadAddress(AddressSlot slot, Space space) => Read(space.AddressType() == IrType.I64 ? slot.Wide : slot.Narrow);

    private void Store(Slot slot, Abstract value)
    {
        switch (slot)
        {
            case ScalarSlot scalar:
                Write(scalar.Variable, AsValue(value));
                return;
            case StructSlot s:
                if (value is not StructValue from || from.Parts.Length != s.Parts.Length) throw Diagnostics.TypeInKernel(Here(), s.Layout.Type.ToString());
                for (int i = 0; i < s.Parts.Length; i++) Store(s.Parts[i], from.Parts[i]);
                return;
            case MemorySlot memory:
                StoreTo(memory.Memory, value);
                return;
            default:
                StoreAddress((AddressSlot)slot, value);
                return;
        }
    }

    private void StoreAddress(AddressSlot slot, Abstract value)
    {
        Touch(slot.Wide);
        switch (value)
        {
            case ViewValue view:
                if (view.Address is { } address) Write(address.Type == IrType.I64 ? slot.Wide : slot.Narrow, address);
                if (view.Length is { } length) Write(slot.Length, length);
                slot.Wide.Fact = ViewFact.Of(view);
                return;
            case RefValue { Slot: { } target }:
                slot.Wide.Fact = target.RefFact;
                return;
            case RefValue reference:
                Value at = AddressOf(reference);
                Write(at.Type == IrType.I64 ? slot.Wide : slot.Narrow, at);
                slot.Wide.Fact = MemoryFact(reference);
                return;
            default:
                throw Diagnostics.TypeInKernel(Here(), slot.Layout.Type.ToString());
        }
    }

    private RefFact MemoryFact(RefValue reference)
    {
        foreach (RefFact fact in memoryFacts)
            if (fact.Element == reference.Element && fact.Space == reference.Space && fact.ReadOnly == reference.ReadOnly) return fact;
        var made = new RefFact(null, reference.Space, reference.ReadOnly, reference.Element);
        memoryFacts.Add(made);
        return made;
    }

    private Value AddressOf(RefValue reference)
    {
        Value address = reference.Address!;
        return reference.Offset == 0 ? address : ir.Binary(Op.Add, address, function.Constant(address.Type, reference.Offset));
    }

    private Abstract LoadFrom(RefValue reference) => reference.Slot is { } slot ? Load(slot) : LoadMemory(reference.Element, reference, reference.Offset);

    private void StoreTo(RefValue reference, Abstract value)
    {
        if (reference.Slot is { } slot) Store(slot, value);
        else StoreMemory(reference.Element, reference, reference.Offset, value);
    }

    /// <summary>A reference to a field.</summary>
    private RefValue FieldOf(RefValue reference, FieldInfo field)
    {
        TypeLayout layout = reference.Element;
        int i = layout.IndexOf(field);
        if (i < 0) throw Diagnostics.TypeInKernel(Here(), $"{field.DeclaringType}");
        return PartOf(reference, i);
    }

    private RefValue PartOf(RefValue reference, int i)
    {
        TypeLayout layout = reference.Element;
        return reference.Slot switch
        {
            StructSlot s => new RefValue(layout.Parts[i]) { Slot = s.Parts[i] },
            MemorySlot m => PartOf(m.Memory, i),
            null => new RefValue(layout.Parts[i]) { Space = reference.Space, ReadOnly = reference.ReadOnly, Address = reference.Address, Offset = reference.Offset + layout.Offsets[i] },
            _ => throw Diagnostics.TypeInKernel(Here(), layout.Type.ToString()),
        };
    }

    private Abstract Zero(TypeLayout layout)
    {
        switch (layout.Form)
        {
            case LayoutForm.Scalar:
                return function.Constant(layout.Register, 0);
            case LayoutForm.Struct:
                var parts = new Abstract[layout.Parts.Length];
                for (int i = 0; i < parts.Length; i++) parts[i] = Zero(layout.Parts[i]);
                return new StructValue(layout, parts);
            case LayoutForm.View:
                return new ViewValue(layout.Element ?? throw Diagnostics.TypeInKernel(Here(), layout.Type.ToString())) { Address = ir.Long(0), Length = ir.Long(0) };
            default:
                return new RefValue(layout.Element ?? throw Diagnostics.TypeInKernel(Here(), layout.Type.ToString())) { Address = ir.Long(0) };
        }
    }
}
