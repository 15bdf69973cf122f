using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>
/// What the compiler knows about one item of the IL stack: an IR value, or a shape that exists only while compiling
/// (structs, views and references are taken apart and never reach the IR).
/// </summary>
internal abstract class Abstract;

/// <summary>A struct by its parts.</summary>
internal sealed class StructValue(TypeLayout layout, Abstract[] parts) : Abstract
{
    public TypeLayout Layout => layout;

    public Abstract[] Parts => parts;
}

/// <summary>A view: an address and a length, or an array that lives in registers.</summary>
internal sealed class ViewValue(TypeLayout element) : Abstract
{
    public TypeLayout Element => element;

    public Space Space { get; init; }

    public bool ReadOnly { get; init; }

    public Value? Address { get; init; }

    /// <summary>Elements, 64 bits.</summary>
    public Value? Length { get; init; }

    /// <summary>The array in registers that this is a view of; <see cref="Address"/> is null then.</summary>
    public PrivateArray? Array { get; init; }

    /// <summary>Where in <see cref="Array"/> the view starts.</summary>
    public int First { get; init; }
}

/// <summary>A reference: to a variable, or to memory.</summary>
internal sealed class RefValue(TypeLayout element) : Abstract
{
    public TypeLayout Element => element;

    /// <summary>The variable; null for memory.</summary>
    public Slot? Slot { get; init; }

    public Space Space { get; init; }

    public bool ReadOnly { get; init; }

    public Value? Address { get; init; }

    /// <summary>Bytes to add to <see cref="Address"/>.</summary>
    public long Offset { get; init; }
}

/// <summary>A local array whose elements are variables, because every index so far was known when compiling.</summary>
internal sealed class PrivateArray(TypeLayout element, Slot[] slots, Origin? origin)
{
    private readonly List<ViewFact> facts = [];

    public TypeLayout Element => element;

    public Slot[] Slots => slots;

    /// <summary>What must move to local memory when an index is not known; null where nothing can.</summary>
    public Origin? Origin => origin;

    /// <summary>The fact that a view holds so many elements from a first one on; one object per part.</summary>
    public ViewFact Fact(int first, int count)
    {
        foreach (ViewFact fact in facts)
            if (fact.First == first && fact.Count == count) return fact;
        var made = new ViewFact(Space.Local, false, this, first, count);
        facts.Add(made);
        return made;
    }
}

/// <summary>A place in a method that makes local storage: a local, an argument or an allocation.</summary>
/// <param name="Key">The slot, or -1 - (IL index) for an allocation.</param>
internal sealed record Origin(Il.IlMethod Method, int Key);

/// <summary>What is known about a view besides its address. Equal facts are one object.</summary>
internal sealed class ViewFact(Space space, bool readOnly, PrivateArray? array, int first, int count)
{
    private static readonly ViewFact[] plain = [Plain(Space.Global), Plain(Space.Shared), Plain(Space.Local), Plain(Space.Const)];
    private static readonly ViewFact globalReadOnly = new(Space.Global, true, null, 0, 0);

    public Space Space => space;

    public bool ReadOnly => readOnly;

    public PrivateArray? Array => array;

    public int First => first;

    /// <summary>Elements of the part of <see cref="Array"/>.</summary>
    public int Count => count;

    public static ViewFact Of(ViewValue view)
        => view.Array is { } array ? array.Fact(view.First, (int)view.Length!.Imm) : view.ReadOnly && view.Space == Space.Global ? globalReadOnly : plain[(int)view.Space];

    private static ViewFact Plain(Space space) => new(space, space == Space.Const, null, 0, 0);
}

/// <summary>What is known about a reference besides its address. Equal facts are one object.</summary>
internal sealed record RefFact(Slot? Slot, Space Space, bool ReadOnly, TypeLayout Element);

/// <summary>Memory that stackalloc made, until a span says what its elements are.</summary>
internal sealed class StackBlock(long bytes, int index)
{
    public long Bytes => bytes;

    /// <summary>The IL instruction that made it.</summary>
    public int Index => index;

    /// <summary>Values of an initialiser by their offset in bytes.</summary>
    public List<(long Offset, Abstract Value)> Writes { get; } = [];

    /// <summary>Bytes of an initialiser that is a constant.</summary>
    public byte[]? Data { get; set; }
}

/// <summary>A pointer into memory that stackalloc made.</summary>
internal sealed class StackPointer(StackBlock block, long offset) : Abstract
{
    public StackBlock Block => block;

    public long Offset => offset;
}

/// <summary>A static field that holds the bytes of a constant array.</summary>
internal sealed class DataField(System.Reflection.FieldInfo source) : Abstract
{
    public System.Reflection.FieldInfo Field => source;
}

/// <summary>A literal that becomes inline PTX.</summary>
internal sealed class TextValue(string text) : Abstract
{
    public string Text => text;
}
