using System.Numerics;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Passes;

/// <summary>
/// Replaces an operation by cheaper ones: multiplications, divisions and remainders by constants, comparisons whose outcome follows from the
/// operands' ranges, and chains of constants. Run by <see cref="ValueNumbering"/>, through which new values are added.
/// </summary>
internal sealed class Simplify(Function function, Func<Value, Value> insert)
{
    private Block block = null!;
    private int place;

    /// <summary>The value to use instead, or null.</summary>
    public Value? Apply(Value value, Block at)
    {
        block = at;
        place = value.Place;
        Value[] args = value.Args;
        switch (value.Op)
        {
            case Op.Mul or Op.Add or Op.And or Op.Or or Op.Xor when args[0].IsConstant && !args[1].IsConstant:
                return Make(value.Op, value.Type, args[1], args[0]);
            case Op.Add or Op.Sub when value.Type.IsInteger(): return AddConstants(value);
            case Op.Mul when value.Type.IsInteger() && args[1].IsConstant: return Multiply(value);
            case Op.Div or Op.Rem when value.Type.IsInteger() && args[1].IsConstant: return DivideSigned(value);
            case Op.DivUnsigned or Op.RemUnsigned when args[1].IsConstant: return DivideUnsigned(value);
            case Op.DivUnsigned or Op.RemUnsigned or Op.Div or Op.Rem when value.Type == IrType.I64: return DivideNarrow(value);
            case Op.Div when value.Type == IrType.F32 && args[1].IsConstant: return DivideByPowerOfTwo(value);
            case Op.Compare when args[0].Type.IsInteger() && args[1].IsConstant: return CompareByRange(value);
            case Op.Shl or Op.Shr or Op.ShrUnsigned when args[1].IsConstant && args[0].Op == value.Op && args[0].Args[1].IsConstant: return JoinShifts(value);
            case Op.Shl when args[1].IsConstant && args[1].Imm is >= 0 and < 31: return Distribute(value, 1L << (int)args[1].Imm);
            case Op.And when args[1].IsConstant: return MaskByRange(value);
            // A bf16 in half a word is an f32 after a shift or a mask.
            case Op.BrainToFloat when args[0] is { Op: Op.UnpackLow } low && low.Args[0].Type == IrType.I32:
                return Make(Op.Bitcast, IrType.F32, Make(Op.Shl, IrType.I32, low.Args[0], Constant(IrType.I32, 16)));
            case Op.BrainToFloat when args[0] is { Op: Op.UnpackHigh } high && high.Args[0].Type == IrType.I32:
                return Make(Op.Bitcast, IrType.F32, Make(Op.And, IrType.I32, high.Args[0], Constant(IrType.I32, unchecked((int)0xFFFF0000))));
            default: return null;
        }
    }

    private Value Make(Op op, IrType type, params Value[] args)
    {
        if (Folder.Fold(function, op, type, args, 0) is { } folded) return function.Plain(folded);
        return insert(new Value(function.NextId(), op, type, args) { Block = block, Place = place });
    }

    private Value Constant(IrType type, long bits) => function.Constant(type, bits);

    /// <summary>x - c = x + -c; constants move outward: (x + c) + d = x + (c + d), x + (y + c) = (x + y) + c.</summary>
    private Value? AddConstants(Value value)
    {
        Value x = value.Args[0], y = value.Args[1];
        if (y.IsConstant)
        {
            if (value.Op == Op.Sub) return Make(Op.Add, value.Type, x, Constant(value.Type, -y.Imm));
            return PlusConstant(x) ? Make(Op.Add, value.Type, x.Args[0], Constant(value.Type, x.Args[1].Imm + y.Imm)) : null;
        }
        if (value.Op == Op.Sub) return null;
        if (PlusConstant(y)) return Make(Op.Add, value.Type, Make(Op.Add, value.Type, x, y.Args[0]), y.Args[1]);
        return PlusConstant(x) ? Make(Op.Add, value.Type, Make(Op.Add, value.Type, x.Args[0], y), x.Args[1]) : null;
    }

    private static bool PlusConstant(Value value) => value.Op == Op.Add && value.Args[1].IsConstant;

    /// <summary>(x + c) · f = x · f + c · f, and the same for shifts, so that addresses differ by constants only.</summary>
    private Value? Distribute(Value value, long factor)
    {
        Value x = value.Args[0];
        return PlusConstant(x) ? Make(Op.Add, value.Type, Make(value.Op, value.Type, x.Args[0], value.Args[1]), Constant(value.Type, x.Args[1].Imm * factor)) : null;
    }

    private Value? Multiply(Value value)
    {
        Value x = value.Args[0];
        long factor = value.Args[1].Imm;
        if (x.Op == Op.Mul && x.Args[1].IsConstant) return Make(Op.Mul, value.Type, x.Args[0], Constant(value.Type, x.Args[1].Imm * factor));
        if (x.Op == Op.Shl && x.Args[1].IsConstant) return Make(Op.Mul, value.Type, x.Args[0], Constant(value.Type, factor << (int)x.Args[1].Imm));
        if (Distribute(value, factor) is { } distributed) return distributed;
        return factor > 1 && BitOperations.IsPow2(factor) ? Make(Op.Shl, value.Type, x, Constant(IrType.I32, BitOperations.Log2((ulong)factor))) : null;
    }

    private Value? JoinShifts(Value value)
    {
        long sum = value.Args[1].Imm + value.Args[0].Args[1].Imm;
        return value.Args[1].Imm >= 0 && sum < value.Type.Bits() ? Make(value.Op, value.Type, value.Args[0].Args[0], Constant(IrType.I32, sum)) : null;
    }

    /// <summary>x &amp; mask is x where no bit above the mask can be set.</summary>
    private Value? MaskByRange(Value value)
    {
        long mask = value.Args[1].Imm;
        if (value.Args[0] is { Op: Op.And } inner && inner.Args[1].IsConstant) return Make(Op.And, value.Type, inner.Args[0], Constant(value.Type, inner.Args[1].Imm & mask));
        if (mask <= 0 || !BitOperations.IsPow2(mask + 1)) return null;
        ValueRange range = ValueRange.Of(value.Args[0]);
        return range.IsNonNegative && range.Max <= mask ? value.Args[0] : null;
    }

    private Value? CompareByRange(Value value)
    {
        ValueRange x = ValueRange.Of(value.Args[0]);
        long c = value.Args[1].Imm;
        bool unsigned = value.Condition is Condition.Lo or Condition.Ls or Condition.Hi or Condition.Hs;
        if (unsigned && (!x.IsNonNegative || c < 0)) return null;
        bool? outcome = value.Condition switch
        {
            Condition.Lt or Condition.Lo => x.Max < c ? true : x.Min >= c ? false : null,
            Condition.Le or Condition.Ls => x.Max <= c ? true : x.Min > c ? false : null,
            Condition.Gt or Condition.Hi => x.Min > c ? true : x.Max <= c ? false : null,
            Condition.Ge or Condition.Hs => x.Min >= c ? true : x.Max < c ? false : null,
            Condition.Eq => x.Max < c || x.Min > c ? false : null,
            Condition.Ne => x.Max < c || x.Min > c ? true : null,
            _ => null,
        };
        return outcome is { } truth ? Constant(IrType.Pred, truth ? 1 : 0) : null;
    }

    private Value? DivideByPowerOfTwo(Value value)
    {
        float divisor = value.Args[1].Float;
        // Exact: the reciprocal of a power of two is one too, unless it is subnormal.
        bool isPower = (BitConverter.SingleToInt32Bits(divisor) & 0x7FFFFF) == 0 && MathF.Abs(divisor) is >= 1.1754944e-38f and <= 8.507059e37f;
        return isPower ? Make(Op.Mul, IrType.F32, value.Args[0], function.Constant(1f / divisor)) : null;
    }

    /// <summary>A 64-bit division whose operands fit 31 bits is done in 32.</summary>
    private Value? DivideNarrow(Value value)
    {
        foreach (Value arg in value.Args)
            if (ValueRange.Of(arg) is not { IsNonNegative: true, Max: <= int.MaxValue }) return null;
        Op op = value.Op is Op.Div or Op.DivUnsigned ? Op.DivUnsigned : Op.RemUnsigned;
        Value narrow = Make(op, IrType.I32, Make(Op.Narrow, IrType.I32, value.Args[0]), Make(Op.Narrow, IrType.I32, value.Args[1]));
        return Make(Op.ZeroExtend, IrType.I64, narrow);
    }

    private Value? DivideUnsigned(Value value)
    {
        Value x = value.Args[0];
        IrType type = value.Type;
        ulong divisor = type == IrType.I64 ? (ulong)value.Args[1].Imm : (uint)value.Args[1].Imm;
        if (divisor == 0) return null;
        bool isRemainder = value.Op == Op.RemUnsigned;
        if (BitOperations.IsPow2(divisor))
            return isRemainder ? Make(Op.And, type, x, Constant(type, (long)(divisor - 1))) : Make(Op.ShrUnsigned, type, x, Constant(IrType.I32, BitOperations.Log2(divisor)));
        if (type == IrType.I64) return DivideNarrow(value);
        Value quotient = UnsignedQuotient(x, (uint)divisor);
        return isRemainder ? Remainder(x, quotient, value.Args[1]) : quotient;
    }

    private Value Remainder(Value x, Value quotient, Value divisor)
        => Make(Op.Sub, x.Type, x, Make(Op.Mul, x.Type, quotient, divisor));

    /// <summary>Multiplication by a reciprocal in fixed point (Granlund, Montgomery 1994).</summary>
    private Value UnsignedQuotient(Value x, uint divisor)
    {
        int log = 32 - BitOperations.LeadingZeroCount(divisor - 1);
        ValueRange range = ValueRange.Of(x);
        if (range is { IsNonNegative: true, Max: <= int.MaxValue })
        {
            // 31-bit dividends: a reciprocal of 32 bits is always enough.
            ulong reciprocal = ((1ul << (31 + log)) + divisor - 1) / divisor;
            Value high = Make(Op.MulHighUnsigned, IrType.I32, x, Constant(IrType.I32, (int)(uint)reciprocal));
            return Make(Op.ShrUnsigned, IrType.I32, high, Constant(IrType.I32, log - 1));
        }
        ulong wide = (ulong)(((UInt128)1 << (32 + log)) / divisor - (1ul << 32) + 1);
        Value t = Make(Op.MulHighUnsigned, IrType.I32, x, Constant(IrType.I32, (int)(uint)wide));
        Value half = Make(Op.ShrUnsigned, IrType.I32, Make(Op.Sub, IrType.I32, x, t), Constant(IrType.I32, 1));
        return Make(Op.ShrUnsigned, IrType.I32, Make(Op.Add, IrType.I32, half, t), Constant(IrType.I32, log - 1));
    }

    private Value? DivideSigned(Value value)
    {
        Value x = value.Args[0];
        IrType type = value.Type;
        long divisor = value.Args[1].Imm;
        if (divisor == 0) return null;
        bool isRemainder = value.Op == Op.Rem;
        if (divisor > 0 && ValueRange.Of(x).IsNonNegative)
            return Make(isRemainder ? Op.RemUnsigned : Op.DivUnsigned, type, x, value.Args[1]) is { Op: Op.RemUnsigned or Op.DivUnsigned } unsigned
                ? DivideUnsigned(unsigned) ?? unsigned
                : null;
        if (divisor > 1 && BitOperations.IsPow2(divisor)) return DivideSignedPower(x, type, divisor, isRemainder);
        if (type != IrType.I32 || divisor is > -2 and < 2) return null;
        Value quotient = SignedQuotient(x, (int)divisor);
        return isRemainder ? Remainder(x, quotient, value.Args[1]) : quotient;
    }

    /// <summary>Rounds toward zero: negative dividends get 2^k - 1 added before the shift.</summary>
    private Value DivideSignedPower(Value x, IrType type, long divisor, bool isRemainder)
    {
        int shift = BitOperations.Log2((ulong)divisor), bits = type.Bits();
        Value sign = Make(Op.Shr, type, x, Constant(IrType.I32, bits - 1));
        Value bias = Make(Op.ShrUnsigned, type, sign, Constant(IrType.I32, bits - shift));
        Value biased = Make(Op.Add, type, x, bias);
        if (!isRemainder) return Make(Op.Shr, type, biased, Constant(IrType.I32, shift));
        return Make(Op.Sub, type, x, Make(Op.And, type, biased, Constant(type, -divisor)));
    }

    /// <summary>Multiplication by a signed reciprocal (Warren, Hacker's Delight, chapter 10).</summary>
    private Value SignedQuotient(Value x, int divisor)
    {
        (int magic, int shift) = SignedMagic(divisor);
        Value q = Make(Op.MulHigh, IrType.I32, x, Constant(IrType.I32, magic));
        if (divisor > 0 && magic < 0) q = Make(Op.Add, IrType.I32, q, x);
        if (divisor < 0 && magic > 0) q = Make(Op.Sub, IrType.I32, q, x);
        q = Make(Op.Shr, IrType.I32, q, Constant(IrType.I32, shift));
        return Make(Op.Add, IrType.I32, q, Make(Op.ShrUnsigned, IrType.I32, q, Constant(IrType.I32, 31)));
    }

    /// <summary>The smallest p with 2^p > nc · (d - 2^p mod d) gives the multiplier (2^p + d - 2^p mod d) / d and the shift p - 32.</summary>
    private static (int Magic, int Shift) SignedMagic(int divisor)
    {
        ulong d = (ulong)Math.Abs((long)divisor);
        ulong t = (1ul << 31) + ((uint)divisor >> 31);
        ulong nc = t - 1 - t % d;
        for (int p = 32; ; p++)
        {
            UInt128 power = (UInt128)1 << p;
            ulong rest = d - (ulong)(power % d);
            if (power <= (UInt128)nc * rest) continue;
            long magic = (int)(uint)(ulong)((power + rest) / d);
            return ((int)(divisor < 0 ? -magic : magic), p - 32);
        }
    }
}
