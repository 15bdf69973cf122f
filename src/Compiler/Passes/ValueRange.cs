using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>Bounds of integer values that follow from how they are computed.</summary>
internal readonly record struct ValueRange(long Min, long Max)
{
    private const int MaxDepth = 6;

    public bool IsNonNegative => Min >= 0;

    /// <summary>Signed bounds of a 32- or 64-bit value.</summary>
    public static ValueRange Of(Value value) => Of(value, 0);

    private static ValueRange Of(Value value, int depth)
    {
        ValueRange all = value.Type == IrType.I64 ? new(long.MinValue, long.MaxValue) : new(int.MinValue, int.MaxValue);
        if (value.IsConstant) return new(value.Imm, value.Imm);
        if (depth == MaxDepth || !value.Type.IsInteger()) return all;
        switch (value.Op)
        {
            case Op.Special:
                return Register((SpecialRegister)value.Imm);
            case Op.Load when value.Access.Count == 1 && value.Access.Type is MemoryType.U8: return new(0, 255);
            case Op.Load when value.Access.Count == 1 && value.Access.Type is MemoryType.U16: return new(0, 65535);
            case Op.ZeroExtend when value.Args[0].Type == IrType.I16: return new(0, 65535);
            case Op.ZeroExtend: return Of(value.Args[0], depth + 1) is { IsNonNegative: true } inner ? inner : new(0, uint.MaxValue);
            case Op.SignExtend: return Of(value.Args[0], depth + 1);
            case Op.And: return And(Of(value.Args[0], depth + 1), Of(value.Args[1], depth + 1), all);
            case Op.Select: return Union(Of(value.Args[1], depth + 1), Of(value.Args[2], depth + 1));
            case Op.ShrUnsigned when value.Args[1].IsConstant && value.Args[1].Imm is > 0 and < 32 && value.Type == IrType.I32: return new(0, uint.MaxValue >> (int)value.Args[1].Imm);
            case Op.Add or Op.Sub or Op.Mul or Op.Shl or Op.Shr or Op.ShrUnsigned or Op.Div or Op.Rem or Op.DivUnsigned or Op.RemUnsigned or Op.Min or Op.Max:
                return Arithmetic(value, Of(value.Args[0], depth + 1), Of(value.Args[1], depth + 1), all);
            default:
                return all;
        }
    }

    private static ValueRange Register(SpecialRegister register) => register switch
    {
        SpecialRegister.Lane => new(0, 31),
        SpecialRegister.ThreadX or SpecialRegister.ThreadY => new(0, 1023),
        SpecialRegister.ThreadZ => new(0, 63),
        SpecialRegister.GroupX or SpecialRegister.GroupY => new(1, 1024),
        SpecialRegister.GroupZ => new(1, 64),
        SpecialRegister.BlockY or SpecialRegister.BlockZ => new(0, 65534),
        SpecialRegister.GridY or SpecialRegister.GridZ => new(1, 65535),
        SpecialRegister.BlockX => new(0, int.MaxValue - 1),
        _ => new(0, int.MaxValue),
    };

    private static ValueRange Union(ValueRange a, ValueRange b) => new(Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max));

    private static ValueRange And(ValueRange a, ValueRange b, ValueRange all)
        => a.IsNonNegative && b.IsNonNegative ? new(0, Math.Min(a.Max, b.Max)) : a.IsNonNegative ? new(0, a.Max) : b.IsNonNegative ? new(0, b.Max) : all;

    private static ValueRange Arithmetic(Value value, ValueRange a, ValueRange b, ValueRange all)
    {
        bool known = b.Min == b.Max;
        switch (value.Op)
        {
            case Op.Min: return new(Math.Min(a.Min, b.Min), Math.Min(a.Max, b.Max));
            case Op.Max: return new(Math.Max(a.Min, b.Min), Math.Max(a.Max, b.Max));
            case Op.Add: return Fit((Int128)a.Min + b.Min, (Int128)a.Max + b.Max, all);
            case Op.Sub: return Fit((Int128)a.Min - b.Max, (Int128)a.Max - b.Min, all);
            case Op.Mul when a.IsNonNegative && b.IsNonNegative: return Fit((Int128)a.Min * b.Min, (Int128)a.Max * b.Max, all);
            case Op.Shl when known && b.Min is >= 0 and < 31 && a.IsNonNegative: return Fit((Int128)a.Min << (int)b.Min, (Int128)a.Max << (int)b.Min, all);
            case Op.Shr when known && b.Min is >= 0 and < 64: return new(a.Min >> (int)b.Min, a.Max >> (int)b.Min);
            case Op.ShrUnsigned when known && b.Min is >= 0 and < 64 && a.IsNonNegative: return new(a.Min >> (int)b.Min, a.Max >> (int)b.Min);
            case Op.Div or Op.DivUnsigned when a.IsNonNegative && b.Min > 0: return new(a.Min / b.Max, a.Max / b.Min);
            case Op.Rem or Op.RemUnsigned when a.IsNonNegative && b.Min > 0: return new(0, Math.Min(a.Max, b.Max - 1));
            case Op.Rem when b.Min > 0: return new(-(b.Max - 1), b.Max - 1);
            default: return all;
        }
    }

    private static ValueRange Fit(Int128 min, Int128 max, ValueRange all)
        => min < all.Min || max > all.Max ? all : new((long)min, (long)max);
}
