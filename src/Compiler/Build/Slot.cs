using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>A scalar place of the abstract machine. Its value is tracked within a block; across blocks it becomes SSA later.</summary>
internal sealed class Variable(int id, IrType type, Frame? owner, int slot)
{
    public int Id => id;

    public IrType Type => type;

    /// <summary>The frame that the variable belongs to; null for elements of allocated arrays.</summary>
    public Frame? Owner => owner;

    /// <summary>
    /// Index of the local or argument; <see cref="WhileFrameLives"/> for what is live as long as the frame is; -2 - (IL index) for the IL stack at an instruction.
    /// </summary>
    public int Slot => slot;

    public const int WhileFrameLives = -1;

    /// <summary>Assigned at one place at most, so that a constant stays known without multiplying blocks.</summary>
    public bool IsSingle { get; init; }

    /// <summary>The block run that the members below belong to.</summary>
    public int Serial { get; set; }

    public Value? Value { get; set; }

    /// <summary>The <see cref="ViewFact"/> or <see cref="RefFact"/> of a view or reference.</summary>
    public object? Fact { get; set; }

    public bool IsWritten { get; set; }
}

/// <summary>A place that holds a C# value: a local, an argument, an element.</summary>
internal abstract class Slot(TypeLayout layout)
{
    public TypeLayout Layout => layout;

    /// <summary>The fact of being referred to; one object per slot.</summary>
    public RefFact RefFact => field ??= new RefFact(this, Space.Local, false, Layout);
}

internal sealed class ScalarSlot(TypeLayout layout, Variable variable) : Slot(layout)
{
    public Variable Variable => variable;
}

internal sealed class StructSlot(TypeLayout layout, Slot[] parts, Origin? origin) : Slot(layout)
{
    private PrivateArray? array;

    public Slot[] Parts => parts;

    /// <summary>The elements of an inline array as an array.</summary>
    public PrivateArray Array => array ??= new PrivateArray(Layout.Parts[0], parts, origin);
}

/// <summary>A view or a reference. The fact is kept with <see cref="Wide"/>.</summary>
internal sealed class AddressSlot(TypeLayout layout, Variable wide, Variable narrow, Variable length) : Slot(layout)
{
    /// <summary>The address in global or local memory.</summary>
    public Variable Wide => wide;

    /// <summary>The address in shared memory.</summary>
    public Variable Narrow => narrow;

    /// <summary>The number of elements of a view.</summary>
    public Variable Length => length;
}

/// <summary>A local that must have an address.</summary>
internal sealed class MemorySlot(TypeLayout layout, RefValue memory) : Slot(layout)
{
    public RefValue Memory => memory;
}
