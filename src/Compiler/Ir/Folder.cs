using System.Numerics;

namespace MmKernels.Compiler.Ir;

/// <summary>Finds an existing value or a constant that equals an operation, without making instructions. Results are the bits that the hardware gives.</summary>
internal static class Folder
{
    /// <summary>The equal value, or null. A constant is static when one of its arguments is.</summary>
    public static Value? Fold(Function f, Op op, IrType type, Value[] args, byte kind)
    {
        switch (args.Length)
        {
            case 1:
                return args[0].IsConstant ? FoldUnary(f, op, type, args[0]) : UnaryIdentity(op, type, args[0]);
            case 2:
                Value x = args[0], y = args[1];
                if (x.IsConstant && y.IsConstant) return FoldBinary(f, op, type, x, y, kind);
                return op == Op.Compare ? CompareIdentity(f, x, y, (Condition)kind) : BinaryIdentity(f, op, type, x, y);
            case 3:
                if (op == Op.Select && args[0].IsConstant) return args[0].Imm != 0 ? args[1] : args[2];
                if (op == Op.Select && args[1] == args[2]) return args[1];
                return null;
            default:
                return null;
        }
    }

    private static Value? FoldUnary(Function f, Op op, IrType type, Value x)
    {
        long bits = x.Imm;
        switch (op)
        {
            case Op.Not: return f.Constant(type, ~bits, x.Static);
            case Op.Neg when type == IrType.F32: return f.Constant(type, BitConverter.SingleToInt32Bits(-x.Float), x.Static);
            case Op.Neg when type == IrType.F64: return f.Constant(type, BitConverter.DoubleToInt64Bits(-x.Double), x.Static);
            case Op.Neg: return f.Constant(type, -bits, x.Static);
            case Op.Abs when type == IrType.I32: return f.Constant(type, bits < 0 ? -bits : bits, x.Static);
            case Op.Abs when type == IrType.F32: return f.Constant(type, BitConverter.SingleToInt32Bits(MathF.Abs(x.Float)));
            case Op.SignExtend: return f.Constant(type, (int)bits, x.Static);
            case Op.ZeroExtend: return f.Constant(type, x.Type == IrType.I16 ? (ushort)bits : (uint)bits, x.Static);
            case Op.Narrow: return f.Constant(type, bits, x.Static);
            case Op.SignExtend8: return f.Constant(type, (sbyte)bits, x.Static);
            case Op.SignExtend16: return f.Constant(type, (short)bits, x.Static);
            case Op.IntToFloat: return type == IrType.F32 ? f.Constant((float)bits) : f.Constant((double)bits);
            case Op.UnsignedToFloat:
                ulong unsigned = x.Type == IrType.I32 ? (uint)bits : (ulong)bits;
                return type == IrType.F32 ? f.Constant((float)unsigned) : f.Constant((double)unsigned);
            case Op.FloatToInt when type == IrType.I32: return f.Constant(type, (int)Number(x));
            case Op.FloatToFloat: return type == IrType.F64 ? f.Constant((double)x.Float) : f.Constant((float)x.Double);
            case Op.HalfToFloat: return f.Constant((float)BitConverter.UInt16BitsToHalf((ushort)bits));
            case Op.FloatToHalf: return f.Constant(type, float.IsNaN(x.Float) ? 0x7FFF : BitConverter.HalfToUInt16Bits((Half)x.Float));
            case Op.BrainToFloat: return f.Constant(IrType.F32, bits << 16);
            case Op.Bitcast: return f.Constant(type, bits);
            case Op.PopCount: return f.Constant(type, x.Type == IrType.I32 ? BitOperations.PopCount((uint)bits) : BitOperations.PopCount((ulong)bits), x.Static);
            case Op.Floor: return type == IrType.F32 ? f.Constant(MathF.Floor(x.Float)) : f.Constant(Math.Floor(x.Double));
            case Op.Sqrt when type == IrType.F32: return f.Constant(MathF.Sqrt(x.Float));
            default: return null;
        }
    }

    /// <summary>An element of a constant table as a load gives it.</summary>
    public static long Read(ReadOnlySpan<byte> data, long offset, MemoryType type)
    {
        ReadOnlySpan<byte> at = data[(int)offset..];
        return type switch
        {
            MemoryType.S8 => (sbyte)at[0],
            MemoryType.U8 => at[0],
            MemoryType.S16 => BitConverter.ToInt16(at),
            MemoryType.U16 or MemoryType.B16 => BitConverter.ToUInt16(at),
            MemoryType.B32 or MemoryType.F32 => BitConverter.ToInt32(at),
            _ => BitConverter.ToInt64(at),
        };
    }

    /// <summary>The constant that a load from a table gives at a known place inside it, or null.</summary>
    public static Value? FoldLoad(Function f, Value load)
        => load is { Op: Op.Load, Access: { Space: Space.Const, Count: 1 }, Imm: >= 0 } && load.Args[0] is { Op: Op.Symbol, Symbol: MemoryArray { Data: { } data } }
            && load.Imm + load.Access.Type.Bytes() <= data.Length
            ? f.Constant(load.Type, Read(data, load.Imm, load.Access.Type))
            : null;

    private static double Number(Value x) => x.Type == IrType.F32 ? x.Float : x.Double;

    private static Value? FoldBinary(Function f, Op op, IrType type, Value x, Value y, byte kind)
    {
        bool isStatic = x.Static || y.Static;
        if (op == Op.Compare) return FoldCompare(x, y, (Condition)kind) is { } truth ? f.Constant(IrType.Pred, truth ? 1 : 0, isStatic) : null;
        if (kind != 0 && type.IsFloat()) return null;
        if (type == IrType.F32) return FoldFloat(f, op, x.Float, y.Float);
        if (type == IrType.F64) return FoldDouble(f, op, x.Double, y.Double);
        return FoldInteger(op, type, x.Imm, y.Imm) is { } bits ? f.Constant(type, bits, isStatic) : null;
    }

    private static Value? FoldFloat(Function f, Op op, float x, float y) => op switch
    {
        Op.Add => f.Constant(x + y),
        Op.Sub => f.Constant(x - y),
        Op.Mul => f.Constant(x * y),
        Op.Div => f.Constant(x / y),
        Op.Min => f.Constant(float.MinNumber(x, y)),
        Op.Max => f.Constant(float.MaxNumber(x, y)),
        _ => null,
    };

    private static Value? FoldDouble(Function f, Op op, double x, double y) => op switch
    {
        Op.Add => f.Constant(x + y),
        Op.Sub => f.Constant(x - y),
        Op.Mul => f.Constant(x * y),
        Op.Div => f.Constant(x / y),
        _ => null,
    };

    private static long? FoldInteger(Op op, IrType type, long x, long y)
    {
        bool wide = type == IrType.I64;
        ulong ux = wide ? (ulong)x : (uint)x, uy = wide ? (ulong)y : (uint)y;
        int shift = (int)y, bits = wide ? 64 : 32;
        switch (op)
        {
            case Op.Add: return x + y;
            case Op.Sub: return x - y;
            case Op.Mul: return x * y;
            case Op.MulWide: return x * y;
            case Op.MulWideUnsigned: return (long)((ulong)(uint)x * (uint)y);
            case Op.MulHigh: return wide ? (long)(((Int128)x * y) >> 64) : (x * y) >> 32;
            case Op.MulHighUnsigned: return wide ? (long)(ulong)(((UInt128)ux * uy) >> 64) : (long)((ux * uy) >> 32);
            case Op.Div: return y == 0 || (y == -1 && x == (wide ? long.MinValue : int.MinValue)) ? null : x / y;
            case Op.Rem: return y == 0 || y == -1 ? (y == -1 ? 0 : null) : x % y;
            case Op.DivUnsigned: return uy == 0 ? null : (long)(ux / uy);
            case Op.RemUnsigned: return uy == 0 ? null : (long)(ux % uy);
            case Op.And: return x & y;
            case Op.Or: return x | y;
            case Op.Xor: return x ^ y;
            case Op.Shl: return (uint)shift >= bits ? 0 : x << shift;
            case Op.Shr: return (uint)shift >= bits ? x >> 63 : x >> shift;
            case Op.ShrUnsigned: return (uint)shift >= bits ? 0 : (long)(ux >> shift);
            case Op.Min: return Math.Min(x, y);
            case Op.Max: return Math.Max(x, y);
            case Op.MinUnsigned: return (long)Math.Min(ux, uy);
            case Op.MaxUnsigned: return (long)Math.Max(ux, uy);
            default: return null;
        }
    }

    private static bool? FoldCompare(Value x, Value y, Condition condition)
    {
        if (x.Type.IsFloat()) return CompareFloats(Number(x), Number(y), condition);
        ulong ux = x.Type == IrType.I64 ? (ulong)x.Imm : (uint)x.Imm, uy = y.Type == IrType.I64 ? (ulong)y.Imm : (uint)y.Imm;
        return condition switch
        {
            Condition.Eq => x.Imm == y.Imm,
            Condition.Ne => x.Imm != y.Imm,
            Condition.Lt => x.Imm < y.Imm,
            Condition.Le => x.Imm <= y.Imm,
            Condition.Gt => x.Imm > y.Imm,
            Condition.Ge => x.Imm >= y.Imm,
            Condition.Lo => ux < uy,
            Condition.Ls => ux <= uy,
            Condition.Hi => ux > uy,
            Condition.Hs => ux >= uy,
            _ => null,
        };
    }

    private static bool? CompareFloats(double x, double y, Condition condition)
    {
        bool unordered = double.IsNaN(x) || double.IsNaN(y);
        return condition switch
        {
            Condition.Eq => x == y,
            Condition.Ne => !unordered && x != y,
            Condition.Lt => x < y,
            Condition.Le => x <= y,
            Condition.Gt => x > y,
            Condition.Ge => x >= y,
            Condition.Equ => unordered || x == y,
            Condition.Neu => x != y,
            Condition.Ltu => unordered || x < y,
            Condition.Leu => unordered || x <= y,
            Condition.Gtu => unordered || x > y,
            Condition.Geu => unordered || x >= y,
            _ => null,
        };
    }

    private static Value? UnaryIdentity(Op op, IrType type, Value x) => op switch
    {
        Op.Not when x.Op == Op.Not => x.Args[0],
        Op.Neg when x.Op == Op.Neg => x.Args[0],
        Op.Narrow when x.Op is Op.SignExtend or Op.ZeroExtend && x.Args[0].Type == type => x.Args[0],
        Op.Bitcast when x.Type == type => x,
        Op.Bitcast when x.Op == Op.Bitcast && x.Args[0].Type == type => x.Args[0],
        Op.FloatToHalf when x.Op == Op.HalfToFloat => x.Args[0],
        Op.FloatToBrain when x.Op == Op.BrainToFloat => x.Args[0],
        Op.SignExtend8 when x.Op == Op.SignExtend8 || IsLoadOf(x, MemoryType.S8) => x,
        Op.SignExtend16 when x.Op is Op.SignExtend8 or Op.SignExtend16 || IsLoadOf(x, MemoryType.S8) || IsLoadOf(x, MemoryType.S16) || IsLoadOf(x, MemoryType.U8) => x,
        _ => null,
    };

    private static bool IsLoadOf(Value x, MemoryType type)
        => (x.Op == Op.Load && x.Access.Type == type) || (x.Op == Op.Extract && x.Args[0].Access.Type == type);

    private static Value? CompareIdentity(Function f, Value x, Value y, Condition condition)
    {
        if (x == y && !x.Type.IsFloat())
            return f.Constant(IrType.Pred, condition is Condition.Eq or Condition.Le or Condition.Ge or Condition.Ls or Condition.Hs ? 1 : 0);
        // (p ? 1 : 0) != 0 is p.
        if (condition == Condition.Ne && y.Is(0) && x.Op == Op.Select && x.Args[1].Is(1) && x.Args[2].Is(0)) return x.Args[0];
        if (condition == Condition.Eq && y.Is(1) && x.Op == Op.Select && x.Args[1].Is(1) && x.Args[2].Is(0)) return x.Args[0];
        return null;
    }

    private static Value? BinaryIdentity(Function f, Op op, IrType type, Value x, Value y)
    {
        if (type.IsFloat())
        {
            long one = type == IrType.F32 ? 0x3F800000 : 0x3FF0000000000000;
            if (op is Op.Mul or Op.Div && y.Is(one)) return x;
            if (op == Op.Mul && x.Is(one)) return y;
            return op == Op.Sub && y.Is(0) ? x : null;
        }
        if (x.IsConstant && op.IsCommutative()) (x, y) = (y, x);
        if (x == y)
        {
            if (op is Op.Sub or Op.Xor) return f.Constant(type, 0);
            if (op is Op.And or Op.Or or Op.Min or Op.Max or Op.MinUnsigned or Op.MaxUnsigned) return x;
        }
        if (!y.IsConstant) return null;
        return y.Imm switch
        {
            0 when op is Op.Add or Op.Sub or Op.Or or Op.Xor or Op.Shl or Op.Shr or Op.ShrUnsigned => x,
            0 when op is Op.Mul or Op.And or Op.MulHigh or Op.MulHighUnsigned or Op.MulWide or Op.MulWideUnsigned => f.Constant(type, 0),
            1 when op is Op.Mul or Op.Div or Op.DivUnsigned => x,
            1 when op is Op.Rem or Op.RemUnsigned => f.Constant(type, 0),
            -1 when op == Op.And => x,
            255 when op == Op.And && IsLoadOf(x, MemoryType.U8) => x,
            65535 when op == Op.And && (IsLoadOf(x, MemoryType.U16) || IsLoadOf(x, MemoryType.U8)) => x,
            _ => null,
        };
    }
}
