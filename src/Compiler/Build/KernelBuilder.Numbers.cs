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
            case Intrinsic.Add: Two(Op.Add); break;
            case Intrinsic.Subtract: Two(Op.Sub); break;
            case Intrinsic.Multiply: Two(Op.Mul); break;
            case Intrinsic.Divide: Two(Op.Div); break;
            case Intrinsic.DivideUnsigned: Two(Op.DivUnsigned); break;
            case Intrinsic.LessThan: PushCompare(IlCompare.Lt); break;
            case Intrinsic.LessThanUnsigned: PushCompare(IlCompare.LtUn); break;
            case Intrinsic.GreaterThan: PushCompare(IlCompare.Gt); break;
            case Intrinsic.GreaterThanUnsigned: PushCompare(IlCompare.GtUn); break;
            case Intrinsic.Zero: Push(Zero(LayoutOf(target.Method.DeclaringType!))); break;
            case Intrinsic.One: Push(One(LayoutOf(target.Method.DeclaringType!).Register)); break;
            case Intrinsic.Fma:
                Value c = PopValue(), b = PopValue(), a = PopValue();
                Push(ir.Make(Op.Fma, a.Type, [a, b, c]));
                break;
            case Intrinsic.Clamp:
                Value high = PopValue(), low = PopValue(), x = PopValue();
                Push(ir.Binary(Op.Max, low, ir.Binary(Op.Min, high, x)));
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
            Intrinsic.LeadingZeros or Intrinsic.LeadingZeros64 => ir.Unary(Op.LeadingZeros, IrType.I32, x),
            Intrinsic.TrailingZeros => ir.Unary(Op.LeadingZeros, IrType.I32, ir.Unary(Op.ReverseBits, IrType.I32, x)),
            _ => ir.Unary(UnaryOp(which), x.Type, x),
        });
    }

    private static Op UnaryOp(Intrinsic which) => which switch
    {
        Intrinsic.Abs => Op.Abs,
        Intrinsic.Negate => Op.Neg,
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

    private void PushCompare(IlCompare comparison)
    {
        Value y = PopValue();
        Push(Compare(comparison, PopValue(), y));
    }

    private Value One(IrType type) => type switch
    {
        IrType.F32 => function.Constant(1f),
        IrType.F64 => function.Constant(1.0),
        _ => function.Constant(type, 1),
    };

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
