using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: elements of views, addresses, loads and stores.</summary>
/// <remarks>
/// An index is split into a constant and the rest before it is scaled, so that constants end in the offset of the access. This assumes that
/// index arithmetic in 32 bits does not overflow, which would be out of bounds anyway.
/// </remarks>
internal sealed partial class KernelBuilder
{
    private const int MaxSplit = 10;

    /// <summary>A reference to an element.</summary>
    private RefValue ElementOf(ViewValue view, Value index)
    {
        if (view.Array is { } array)
        {
            if (!index.IsConstant) throw MoveArray(array);
            long at = index.Imm + view.First;
            if (at < 0 || at >= array.Slots.Length) throw Diagnostics.Range(Here(), index.Imm, array.Slots.Length - view.First);
            return new RefValue(array.Element) { Slot = array.Slots[at] };
        }
        (Value address, long offset) = Advance(view, index);
        return new RefValue(view.Element) { Space = view.Space, ReadOnly = view.ReadOnly, Address = address, Offset = offset };
    }

    /// <summary>The rest of a view from an index on, or the part of a given length.</summary>
    private ViewValue SubView(ViewValue view, Value index, Value? length)
    {
        Value rest = length is not null ? Coerce(length, IrType.I64)
            : view.Length is null ? ir.Long(0)
            : ir.Binary(Op.Sub, view.Length, Coerce(index, IrType.I64));
        if (view.Array is { } array)
        {
            if (!index.IsConstant || !rest.IsConstant) throw MoveArray(array);
            long first = view.First + index.Imm;
            if (first < 0 || rest.Imm < 0 || first + rest.Imm > array.Slots.Length) throw Diagnostics.Range(Here(), index.Imm, array.Slots.Length - view.First);
            return new ViewValue(view.Element) { Space = Space.Local, Array = array, First = (int)first, Length = rest };
        }
        (Value address, long offset) = Advance(view, index);
        if (offset != 0) address = ir.Binary(Op.Add, address, function.Constant(address.Type, offset));
        return new ViewValue(view.Element) { Space = view.Space, ReadOnly = view.ReadOnly, Address = address, Length = rest };
    }

    /// <summary>The same memory as elements of another type.</summary>
    private ViewValue Cast(ViewValue view, TypeLayout element)
    {
        if (view.Array is { } array) throw MoveArray(array);
        int from = view.Element.Bytes, to = element.Bytes;
        Value? length = view.Length;
        if (length is not null && from != to)
            length = from % to == 0 ? ir.Binary(Op.Mul, length, ir.Long(from / to))
                : to % from == 0 ? ir.Binary(Op.DivUnsigned, length, ir.Long(to / from))
                : ir.Binary(Op.DivUnsigned, ir.Binary(Op.Mul, length, ir.Long(from)), ir.Long(to));
        return new ViewValue(element) { Space = view.Space, ReadOnly = view.ReadOnly, Address = view.Address, Length = length };
    }

    private Exception MoveArray(PrivateArray array)
    {
        if (array.Origin is null || !inMemory.Add(array.Origin)) return Diagnostics.NotConstant(Here(), "the index of a local array that has no address");
        return new MoveToMemory();
    }

    private (Value Address, long Offset) Advance(ViewValue view, Value index)
    {
        (Value? variable, long constant) = Split(index);
        int size = view.Element.Bytes;
        (Value? address, long offset) = Split(view.Address!);
        // An address that is itself constant (a null view) stays a value.
        if (address is null) (address, offset) = (view.Address!, 0);
        offset += constant * size;
        return (variable is null ? address : ir.Binary(Op.Add, address, Scale(variable, size, address.Type)), offset);
    }

    private Value Scale(Value index, int size, IrType type)
    {
        if (type == IrType.I32) return ir.Binary(Op.Mul, Coerce(index, IrType.I32), ir.Int(size));
        if (index.Op == Op.SignExtend) index = index.Args[0];
        if (index.Type != IrType.I64) return size == 1 ? ir.Unary(Op.SignExtend, IrType.I64, index) : ir.Make(Op.MulWide, IrType.I64, [index, ir.Int(size)]);
        return index.Op == Op.ZeroExtend && index.Args[0].Type == IrType.I32
            ? ir.Make(Op.MulWideUnsigned, IrType.I64, [index.Args[0], ir.Int(size)])
            : ir.Binary(Op.Mul, index, ir.Long(size));
    }

    /// <summary>x = variable part + constant part.</summary>
    /// <remarks>Both operands of sums are split, so that the depth bounds the work.</remarks>
    private (Value? Variable, long Constant) Split(Value x, int depth = 0)
    {
        if (x.IsConstant) return (null, x.Imm);
        if (depth == MaxSplit) return (x, 0);
        switch (x.Op)
        {
            case Op.Add:
                (Value? a, long ac) = Split(x.Args[0], depth + 1);
                (Value? b, long bc) = Split(x.Args[1], depth + 1);
                if (ac == 0 && bc == 0) return (x, 0);
                return (a is null ? b : b is null ? a : ir.Binary(Op.Add, a, b), ac + bc);
            case Op.Sub when x.Args[1].IsConstant:
                (Value? v, long c) = Split(x.Args[0], depth + 1);
                return (v, c - x.Args[1].Imm);
            case Op.Mul when x.Args[1].IsConstant:
                (Value? factor, long fc) = Split(x.Args[0], depth + 1);
                return fc == 0 ? (x, 0) : (factor is null ? null : ir.Binary(Op.Mul, factor, x.Args[1]), fc * x.Args[1].Imm);
            case Op.Shl when x.Args[1].IsConstant:
                (Value? shifted, long sc) = Split(x.Args[0], depth + 1);
                return sc == 0 ? (x, 0) : (shifted is null ? null : ir.Binary(Op.Shl, shifted, x.Args[1]), sc << (int)x.Args[1].Imm);
            case Op.SignExtend:
                (Value? narrow, long nc) = Split(x.Args[0], depth + 1);
                return nc == 0 ? (x, 0) : (narrow is null ? null : ir.Unary(Op.SignExtend, IrType.I64, narrow), nc);
            default:
                return (x, 0);
        }
    }

    private Abstract LoadMemory(TypeLayout layout, RefValue at, long offset)
    {
        if (layout.Form == LayoutForm.Scalar) return LoadScalar(layout, at, offset);
        if (layout.Form != LayoutForm.Struct) throw Diagnostics.TypeInKernel(Here(), $"{layout.Type} in memory");
        if (layout.VectorCount > 0) return LoadVector(layout, at, offset);
        var parts = new Abstract[layout.Parts.Length];
        for (int i = 0; i < parts.Length; i++) parts[i] = LoadMemory(layout.Parts[i], at, offset + layout.Offsets[i]);
        return new StructValue(layout, parts);
    }

    private Value LoadScalar(TypeLayout layout, RefValue at, long offset)
    {
        IrType register = layout.Memory.Register();
        Value loaded = ir.Append(Op.Load, register, [at.Address!], imm: offset, access: new Access(at.Space, layout.Memory, 1, at.ReadOnly));
        if (Folder.FoldLoad(function, loaded) is { } known)
        {
            ir.Block.Values.RemoveAt(ir.Block.Values.Count - 1);
            loaded = known;
        }
        return layout.Register == IrType.Pred ? ir.Compare(Condition.Ne, loaded, ir.Int(0)) : loaded;
    }

    /// <summary>Vec2, Vec4 and Vec8: one instruction per 16 bytes and four elements; eight 16-bit elements go as four words.</summary>
    private StructValue LoadVector(TypeLayout layout, RefValue at, long offset)
    {
        TypeLayout scalar = layout.Parts[0].SingleScalar()!;
        IrType register = scalar.Memory.Register();
        var parts = new Abstract[layout.VectorCount];
        if (layout.VectorCount == 8 && scalar.Memory == MemoryType.B16)
        {
            Value words = ir.Append(Op.Load, IrType.Void, [at.Address!], imm: offset, access: new Access(at.Space, MemoryType.B32, 4, at.ReadOnly));
            var word = new Value[4];
            for (int i = 0; i < 4; i++) word[i] = ir.Append(Op.Extract, IrType.I32, [words], imm: i);
            for (int i = 0; i < 8; i++) parts[i] = Wrap(layout.Parts[0], ir.Unary(i % 2 == 0 ? Op.UnpackLow : Op.UnpackHigh, IrType.I16, word[i / 2]));
            return new StructValue(layout, parts);
        }
        int perAccess = Math.Min(4, Math.Min(layout.VectorCount, 16 / scalar.Bytes));
        for (int first = 0; first < parts.Length; first += perAccess)
        {
            Value loaded = ir.Append(Op.Load, IrType.Void, [at.Address!], imm: offset + layout.Offsets[first], access: new Access(at.Space, scalar.Memory, (byte)perAccess, at.ReadOnly));
            for (int i = 0; i < perAccess; i++)
                parts[first + i] = Wrap(layout.Parts[0], ir.Append(Op.Extract, register, [loaded], imm: i));
        }
        return new StructValue(layout, parts);
    }

    private Abstract Wrap(TypeLayout layout, Value scalar)
        => layout.Form == LayoutForm.Scalar
            ? layout.Register == IrType.Pred ? ir.Compare(Condition.Ne, scalar, ir.Int(0)) : scalar
            : new StructValue(layout, [Wrap(layout.Parts[0], scalar)]);

    private static Abstract Unwrap(Abstract value) => value is StructValue { Parts.Length: 1 } s ? Unwrap(s.Parts[0]) : value;

    private void StoreMemory(TypeLayout layout, RefValue at, long offset, Abstract value)
    {
        switch (layout.Form)
        {
            case LayoutForm.Scalar:
                Value scalar = Coerce(AsValue(value), layout.Memory.Register());
                ir.Append(Op.Store, IrType.Void, [at.Address!, scalar], imm: offset, access: new Access(at.Space, layout.Memory, 1, false));
                return;
            case LayoutForm.Struct when value is StructValue s:
                if (layout.VectorCount > 0) StoreVector(layout, at, offset, s);
                else
                    for (int i = 0; i < s.Parts.Length; i++) StoreMemory(layout.Parts[i], at, offset + layout.Offsets[i], s.Parts[i]);
                return;
            default:
                throw Diagnostics.TypeInKernel(Here(), $"{layout.Type} in memory");
        }
    }

    private void StoreVector(TypeLayout layout, RefValue at, long offset, StructValue value)
    {
        TypeLayout scalar = layout.Parts[0].SingleScalar()!;
        if (layout.VectorCount == 8 && scalar.Memory == MemoryType.B16)
        {
            var words = new Value[5];
            words[0] = at.Address!;
            for (int i = 0; i < 4; i++) words[i + 1] = ir.Make(Op.Pack, IrType.I32, [Half(2 * i), Half(2 * i + 1)]);
            ir.Append(Op.Store, IrType.Void, words, imm: offset, access: new Access(at.Space, MemoryType.B32, 4, false));
            return;
        }
        int perAccess = Math.Min(4, Math.Min(layout.VectorCount, 16 / scalar.Bytes));
        for (int first = 0; first < layout.VectorCount; first += perAccess)
        {
            var args = new Value[perAccess + 1];
            args[0] = at.Address!;
            for (int i = 0; i < perAccess; i++) args[i + 1] = Coerce(AsValue(Unwrap(value.Parts[first + i])), scalar.Memory.Register());
            ir.Append(Op.Store, IrType.Void, args, imm: offset + layout.Offsets[first], access: new Access(at.Space, scalar.Memory, (byte)perAccess, false));
        }

        Value Half(int i) => Coerce(AsValue(Unwrap(value.Parts[i])), IrType.I16);
    }
}
