using MmKernels.Compiler.Il;
using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Build;

/// <summary>This file: functions on numbers.</summary>
internal sealed partial class KernelBuilder
{
    private void EmitNumbers(Intrinsic which, CallTarget target)
    {
        switch (which)
        {
            case Intrinsic.Min: Two(Op.Min); break;
            case Intrinsic.Max: Two(Op.Max); break;
            case Intrinsic.MinNaN: Two(Op.Min, kind: 1); break;
            case Intrinsic.MaxNaN: Two(Op.Max, kind: 1); break;
            case Intrinsic.MinUnsigned: Two(Op.MinUnsigned); break;
            case Intrinsic.MaxUnsigned: Two(Op.MaxUnsigned); break;
            case Intrinsic.Fma:
                Value c = PopValue(), b = PopValue(), a = PopValue();
                Push(ir.Make(Op.Fma, a.Type, [a, b, c]));
                break;
            case Intrinsic.Clamp:
                Value high = PopValue(), low = PopValue(), x = PopValue();
                Push(ir.Binary(Op.Max, low, ir.Binary(Op.Min, high, x)));
                break;
            case Intrinsic.ClampUnsigned:
                Value most = PopValue(), least = PopValue(), clamped = PopValue();
                Push(ir.Binary(Op.MaxUnsigned, least, ir.Binary(Op.MinUnsigned, most, clamped)));
                break;
            case Intrinsic.ClampFloat:
                // NaN stays NaN.
                Value above = PopValue(), below = PopValue(), number = PopValue();
                Value capped = ir.Select(ir.Compare(Condition.Gt, number, above), above, number);
                Push(ir.Select(ir.Compare(Condition.Lt, number, below), below, capped));
                break;
            case Intrinsic.CopySign: EmitCopySign(); break;
            default: EmitUnary(which); break;
        }
    }

    private void EmitUnary(Intrinsic which)
    {
        Value x = PopValue();
        Push(which switch
        {
            Intrinsic.Bitcast32 => ir.Unary(Op.Bitcast, x.Type == IrType.F32 ? IrType.I32 : IrType.F32, x),
            Intrinsic.Bitcast64 => ir.Unary(Op.Bitcast, x.Type == IrType.F64 ? IrType.I64 : IrType.F64, x),
            Intrinsic.HalfToFloat => ir.Unary(Op.HalfToFloat, IrType.F32, x),
            Intrinsic.FloatToHalf => ir.Unary(Op.FloatToHalf, IrType.I16, x),
            Intrinsic.BrainToFloat => ir.Unary(Op.BrainToFloat, IrType.F32, x),
            Intrinsic.FloatToBrain => ir.Unary(Op.FloatToBrain, IrType.I16, x),
            Intrinsic.IsNaN => ir.Compare(Condition.Neu, x, x),
            Intrinsic.PopCount => ir.Unary(Op.PopCount, IrType.I32, x),
            Intrinsic.LeadingZeros => ir.Unary(Op.LeadingZeros, IrType.I32, x),
            Intrinsic.TrailingZeros => ir.Unary(Op.LeadingZeros, IrType.I32, ir.Unary(Op.ReverseBits, x.Type, x)),
            // 0 counts as 1.
            Intrinsic.Log2Whole => ir.Binary(Op.Sub, ir.Int(x.Type.Bits() - 1), ir.Unary(Op.LeadingZeros, IrType.I32, ir.Binary(Op.Or, x, function.Constant(x.Type, 1)))),
            _ => ir.Unary(UnaryOp(which), x.Type, x),
        });
    }

    private static Op UnaryOp(Intrinsic which) => which switch
    {
        Intrinsic.Abs => Op.Abs,
        Intrinsic.Sqrt => Op.Sqrt,
        Intrinsic.Rsqrt => Op.Rsqrt,
        Intrinsic.Rcp => Op.Rcp,
        Intrinsic.Exp2 => Op.Exp2,
        Intrinsic.Log2 => Op.Log2,
        Intrinsic.SinApprox => Op.Sin,
        Intrinsic.CosApprox => Op.Cos,
        Intrinsic.TanhApprox => Op.Tanh,
        Intrinsic.Floor => Op.Floor,
        Intrinsic.Ceiling => Op.Ceiling,
        Intrinsic.Truncate => Op.Truncate,
        _ => Op.Round,
    };

    private void Two(Op op, byte kind = 0)
    {
        Value y = PopValue(), x = PopValue();
        Unify(ref x, ref y);
        if (kind == 1 && x.Type == IrType.F64)
        {
            // There is no min.NaN.f64.
            Value number = ir.Select(ir.Compare(Condition.Neu, y, y), y, ir.Binary(op, x, y));
            Push(ir.Select(ir.Compare(Condition.Neu, x, x), x, number));
            return;
        }
        Push(kind == 0 ? ir.Binary(op, x, y) : ir.Make(op, x.Type, [x, y], kind));
    }

    private void EmitCopySign()
    {
        Value sign = PopValue(), x = PopValue();
        IrType bits = x.Type == IrType.F64 ? IrType.I64 : IrType.I32;
        long mask = bits == IrType.I64 ? long.MinValue : int.MinValue;
        Value magnitude = ir.Binary(Op.And, ir.Unary(Op.Bitcast, bits, x), function.Constant(bits, ~mask));
        Value signBit = ir.Binary(Op.And, ir.Unary(Op.Bitcast, bits, sign), function.Constant(bits, mask));
        Push(ir.Unary(Op.Bitcast, x.Type, ir.Binary(Op.Or, magnitude, signBit)));
    }
}
