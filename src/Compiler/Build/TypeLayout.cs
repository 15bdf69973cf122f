using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MmKernels.Compiler.Ir;
using MmKernels.Dialect;

namespace MmKernels.Compiler.Build;

internal enum LayoutForm : byte { Scalar, Struct, View, Reference }

/// <summary>
/// How a C# type lives in registers and in memory. Structs are laid out as .NET does: in order, each field aligned to its own size, or to the <c>Pack</c> of
/// their <c>StructLayout</c>.
/// </summary>
internal sealed class TypeLayout
{
    private static readonly ConcurrentDictionary<Type, TypeLayout?> known = new();

    private TypeLayout(Type type, LayoutForm form)
    {
        Type = type;
        Form = form;
    }

    public Type Type { get; }

    public LayoutForm Form { get; }

    /// <summary>Type of a scalar in a register.</summary>
    public IrType Register { get; private init; }

    /// <summary>Type of a scalar in memory.</summary>
    public MemoryType Memory { get; private init; }

    public int Bytes { get; private init; }

    public int Align { get; private init; }

    /// <summary>Fields of a struct in order, inherited metadata tokens included; empty for an inline array.</summary>
    public FieldInfo[] Fields { get; private init; } = [];

    /// <summary>Layouts of the fields, or of the elements of an inline array.</summary>
    public TypeLayout[] Parts { get; private init; } = [];

    public int[] Offsets { get; private init; } = [];

    /// <summary>
    /// A struct whose fields the runtime may put in another order (tuples), directly or inside: its layout in memory is not known here, unless all its fields have one size.
    /// </summary>
    public bool IsOrderedByRuntime { get; private init; }

    /// <summary>Number of neighbouring equal elements that one instruction moves (Vec2, Vec4, Vec8), else 0.</summary>
    public int VectorCount { get; private init; }

    /// <summary>Element of a view, or what a reference refers to.</summary>
    public TypeLayout? Element => elementType is null ? null : element ??= Of(elementType);

    /// <summary>Who reads and writes through the view.</summary>
    public ParameterDirection Direction { get; private init; }

    /// <summary>The layout, or null for types that have no place in a kernel (classes, strings, delegates, unions).</summary>
    public static TypeLayout? Of(Type type) => known.TryGetValue(type, out TypeLayout? layout) ? layout : known.GetOrAdd(type, Make(type));

    /// <summary>Place of a field in <see cref="Parts"/>.</summary>
    public int IndexOf(FieldInfo field)
    {
        for (int i = 0; i < Fields.Length; i++)
            if (Fields[i].MetadataToken == field.MetadataToken) return i;
        return -1;
    }

    /// <summary>The single scalar that the type consists of, or null.</summary>
    public TypeLayout? SingleScalar()
    {
        TypeLayout layout = this;
        while (layout.Form == LayoutForm.Struct && layout.Parts.Length == 1) layout = layout.Parts[0];
        return layout.Form == LayoutForm.Scalar ? layout : null;
    }

    private Type? elementType;
    private TypeLayout? element;

    private static TypeLayout? Make(Type type)
    {
        if (type.IsByRef) return new TypeLayout(type, LayoutForm.Reference) { elementType = type.GetElementType(), Bytes = 8, Align = 8 };
        if (type.IsEnum) type = type.GetEnumUnderlyingType();
        if (type.IsPrimitive) return MakePrimitive(type);
        if (type == typeof(F16) || type == typeof(BF16) || type == typeof(Half)) return Scalar(type, IrType.I16, MemoryType.B16);
        if (!type.IsValueType || type.IsGenericTypeDefinition) return null;
        if (type.IsGenericType && ViewDirection(type.GetGenericTypeDefinition()) is { } direction)
            return new TypeLayout(type, LayoutForm.View) { elementType = type.GetGenericArguments()[0], Direction = direction, Bytes = 16, Align = 8 };
        return MakeStruct(type);
    }

    private static ParameterDirection? ViewDirection(Type definition)
        => definition == typeof(In<>) || definition == typeof(ReadOnlySpan<>) ? ParameterDirection.In
         : definition == typeof(Out<>) ? ParameterDirection.Out
         : definition == typeof(InOut<>) || definition == typeof(ArrayView<>) || definition == typeof(Span<>) ? ParameterDirection.InOut
         : null;

    private static TypeLayout? MakePrimitive(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => Scalar(type, IrType.Pred, MemoryType.U8),
        TypeCode.SByte => Scalar(type, IrType.I32, MemoryType.S8),
        TypeCode.Byte => Scalar(type, IrType.I32, MemoryType.U8),
        TypeCode.Int16 => Scalar(type, IrType.I32, MemoryType.S16),
        TypeCode.UInt16 or TypeCode.Char => Scalar(type, IrType.I32, MemoryType.U16),
        TypeCode.Int32 or TypeCode.UInt32 => Scalar(type, IrType.I32, MemoryType.B32),
        TypeCode.Int64 or TypeCode.UInt64 => Scalar(type, IrType.I64, MemoryType.B64),
        TypeCode.Single => Scalar(type, IrType.F32, MemoryType.F32),
        TypeCode.Double => Scalar(type, IrType.F64, MemoryType.F64),
        _ => type == typeof(nint) || type == typeof(nuint) ? Scalar(type, IrType.I64, MemoryType.B64) : null,
    };

    private static TypeLayout Scalar(Type type, IrType register, MemoryType memory)
        => new(type, LayoutForm.Scalar) { Register = register, Memory = memory, Bytes = memory.Bytes(), Align = memory.Bytes() };

    private static TypeLayout? MakeStruct(Type type)
    {
        StructLayoutAttribute declared = type.StructLayoutAttribute!;
        if (declared.Value == LayoutKind.Explicit || Intrinsics.IsWideNumber(type)) return null;
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        if (fields.Length == 1 && type.GetCustomAttribute<InlineArrayAttribute>() is { } inline) return MakeArray(type, fields[0], inline.Length);
        var parts = new TypeLayout[fields.Length];
        var offsets = new int[fields.Length];
        int bytes = 0, align = 1, pack = declared.Pack > 0 ? declared.Pack : int.MaxValue;
        bool isUnordered = false;
        for (int i = 0; i < fields.Length; i++)
        {
            if (Of(fields[i].FieldType) is not { } part) return null;
            parts[i] = part;
            int own = Math.Min(part.Align, pack);
            offsets[i] = bytes = AlignUp(bytes, own);
            bytes += part.Bytes;
            align = Math.Max(align, own);
            isUnordered |= part.IsOrderedByRuntime || (declared.Value == LayoutKind.Auto && part.Bytes != parts[0].Bytes);
        }
        bytes = Math.Max(Math.Max(1, declared.Size), AlignUp(bytes, align));
        int vector = 0;
        if (type.IsGenericType)
        {
            Type definition = type.GetGenericTypeDefinition();
            vector = definition == typeof(Vec8<>) ? 8 : definition == typeof(Vec4<>) ? 4 : definition == typeof(Vec2<>) ? 2 : 0;
            if (vector > 0 && parts[0].SingleScalar() is null) vector = 0;
        }
        return new TypeLayout(type, LayoutForm.Struct) { Fields = fields, Parts = parts, Offsets = offsets, Bytes = bytes, Align = align, VectorCount = vector, IsOrderedByRuntime = isUnordered };
    }

    private static TypeLayout? MakeArray(Type type, FieldInfo field, int length)
    {
        if (Of(field.FieldType) is not { } part) return null;
        var parts = new TypeLayout[length];
        var offsets = new int[length];
        for (int i = 0; i < length; i++)
        {
            parts[i] = part;
            offsets[i] = i * part.Bytes;
        }
        return new TypeLayout(type, LayoutForm.Struct) { Parts = parts, Offsets = offsets, Bytes = length * part.Bytes, Align = part.Align, IsOrderedByRuntime = part.IsOrderedByRuntime };
    }

    private static int AlignUp(int value, int align) => (value + align - 1) / align * align;
}
