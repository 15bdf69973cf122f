using MmKernels.Compiler.Ir;

namespace MmKernels.Compiler.Emit;

/// <summary>Spellings of PTX operations.</summary>
internal static class OperationNames
{
    private static readonly string[] conditions = ["eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu", "geu"];
    private static readonly string[] memoryTypes = ["s8", "u8", "s16", "u16", "b16", "b32", "b64", "f32", "f64"];
    private static readonly string[] spaces = ["global", "shared", "local", "const"];

    public static string Compare(Condition condition, string suffix) => $"setp.{conditions[(int)condition]}{suffix}";

    public static string Load(Access access)
        => $"ld.{spaces[(int)access.Space]}{(access is { ReadOnly: true, Space: Space.Global } ? ".nc" : "")}{Vector(access)}.{memoryTypes[(int)access.Type]}";

    public static string Store(Access access) => $"st.{spaces[(int)access.Space]}{Vector(access)}.{memoryTypes[(int)access.Type]}";

    public static string Atomic(Value value)
    {
        Access access = value.Access;
        bool wide = access.Type is MemoryType.B64 or MemoryType.F64;
        bool isFloat = access.Type is MemoryType.F32 or MemoryType.F64;
        string type = (AtomicOp)value.Kind switch
        {
            AtomicOp.Add => isFloat ? (wide ? "add.f64" : "add.f32") : wide ? "add.u64" : "add.u32",
            AtomicOp.MinSigned => wide ? "min.s64" : "min.s32",
            AtomicOp.MaxSigned => wide ? "max.s64" : "max.s32",
            AtomicOp.MinUnsigned => wide ? "min.u64" : "min.u32",
            AtomicOp.MaxUnsigned => wide ? "max.u64" : "max.u32",
            AtomicOp.And => wide ? "and.b64" : "and.b32",
            AtomicOp.Or => wide ? "or.b64" : "or.b32",
            AtomicOp.Xor => wide ? "xor.b64" : "xor.b32",
            AtomicOp.Exchange => wide ? "exch.b64" : "exch.b32",
            _ => wide ? "cas.b64" : "cas.b32",
        };
        return $"atom.{spaces[(int)access.Space]}.{type}";
    }

    /// <summary>The operation of a value that is written as destination and operands.</summary>
    public static string Of(Value value) => value.Type switch
    {
        IrType.F32 => OfFloat(value),
        IrType.F64 => OfDouble(value),
        IrType.I64 => OfLong(value),
        IrType.I32 => OfInt(value),
        IrType.Pred => value.Op switch { Op.And => "and.pred", Op.Or => "or.pred", Op.Xor => "xor.pred", Op.Not => "not.pred", _ => throw Unknown(value) },
        _ => value.Op switch { Op.FloatToHalf => "cvt.rn.f16.f32", Op.FloatToBrain => "cvt.rn.bf16.f32", Op.Narrow => "cvt.u16.u32", _ => throw Unknown(value) },
    };

    private static string Vector(Access access) => access.Count switch { 2 => ".v2", 4 => ".v4", _ => "" };

    private static string OfInt(Value value)
    {
        IrType from = value.Args[0].Type;
        return value.Op switch
        {
            Op.Add => "add.s32",
            Op.Sub => "sub.s32",
            Op.Mul => "mul.lo.s32",
            Op.MulHigh => "mul.hi.s32",
            Op.MulHighUnsigned => "mul.hi.u32",
            Op.Div => "div.s32",
            Op.DivUnsigned => "div.u32",
            Op.Rem => "rem.s32",
            Op.RemUnsigned => "rem.u32",
            Op.And => "and.b32",
            Op.Or => "or.b32",
            Op.Xor => "xor.b32",
            Op.Not => "not.b32",
            Op.Shl => "shl.b32",
            Op.Shr => "shr.s32",
            Op.ShrUnsigned => "shr.u32",
            Op.Neg => "neg.s32",
            Op.Abs => "abs.s32",
            Op.Min => "min.s32",
            Op.Max => "max.s32",
            Op.MinUnsigned => "min.u32",
            Op.MaxUnsigned => "max.u32",
            Op.PopCount => from == IrType.I64 ? "popc.b64" : "popc.b32",
            Op.LeadingZeros => from == IrType.I64 ? "clz.b64" : "clz.b32",
            Op.ReverseBits => "brev.b32",
            Op.SignExtend8 => "cvt.s32.s8",
            Op.SignExtend16 => "cvt.s32.s16",
            Op.Narrow => "cvt.u32.u64",
            Op.ZeroExtend => "cvt.u32.u16",
            Op.Bitcast => "mov.b32",
            Op.FloatToInt => from == IrType.F64 ? "cvt.rzi.s32.f64" : "cvt.rzi.s32.f32",
            Op.FloatToUnsigned => from == IrType.F64 ? "cvt.rzi.u32.f64" : "cvt.rzi.u32.f32",
            _ => throw Unknown(value),
        };
    }

    private static string OfLong(Value value)
    {
        IrType from = value.Args[0].Type;
        return value.Op switch
        {
            Op.Add => "add.s64",
            Op.Sub => "sub.s64",
            Op.Mul => "mul.lo.s64",
            Op.MulWide => "mul.wide.s32",
            Op.MulWideUnsigned => "mul.wide.u32",
            Op.MulHigh => "mul.hi.s64",
            Op.MulHighUnsigned => "mul.hi.u64",
            Op.Div => "div.s64",
            Op.DivUnsigned => "div.u64",
            Op.Rem => "rem.s64",
            Op.RemUnsigned => "rem.u64",
            Op.And => "and.b64",
            Op.Or => "or.b64",
            Op.Xor => "xor.b64",
            Op.Not => "not.b64",
            Op.Shl => "shl.b64",
            Op.Shr => "shr.s64",
            Op.ShrUnsigned => "shr.u64",
            Op.Neg => "neg.s64",
            Op.Abs => "abs.s64",
            Op.Min => "min.s64",
            Op.Max => "max.s64",
            Op.MinUnsigned => "min.u64",
            Op.MaxUnsigned => "max.u64",
            Op.ReverseBits => "brev.b64",
            Op.SignExtend => "cvt.s64.s32",
            Op.ZeroExtend => "cvt.u64.u32",
            Op.Bitcast => "mov.b64",
            Op.FloatToInt => from == IrType.F64 ? "cvt.rzi.s64.f64" : "cvt.rzi.s64.f32",
            Op.FloatToUnsigned => from == IrType.F64 ? "cvt.rzi.u64.f64" : "cvt.rzi.u64.f32",
            _ => throw Unknown(value),
        };
    }

    private static string OfFloat(Value value)
    {
        IrType from = value.Args[0].Type;
        return value.Op switch
        {
            Op.Add => "add.rn.f32",
            Op.Sub => "sub.rn.f32",
            Op.Mul => "mul.rn.f32",
            Op.Div => "div.rn.f32",
            Op.Fma => "fma.rn.f32",
            Op.Neg => "neg.f32",
            Op.Abs => "abs.f32",
            Op.Min => value.Kind == 1 ? "min.NaN.f32" : "min.f32",
            Op.Max => value.Kind == 1 ? "max.NaN.f32" : "max.f32",
            Op.Sqrt => "sqrt.rn.f32",
            Op.Rsqrt => "rsqrt.approx.f32",
            Op.Rcp => "rcp.approx.f32",
            Op.Exp2 => "ex2.approx.ftz.f32",
            Op.Log2 => "lg2.approx.f32",
            Op.Sin => "sin.approx.f32",
            Op.Cos => "cos.approx.f32",
            Op.Tanh => "tanh.approx.f32",
            Op.Floor => "cvt.rmi.f32.f32",
            Op.Ceiling => "cvt.rpi.f32.f32",
            Op.Truncate => "cvt.rzi.f32.f32",
            Op.Round => "cvt.rni.f32.f32",
            Op.IntToFloat => from == IrType.I64 ? "cvt.rn.f32.s64" : "cvt.rn.f32.s32",
            Op.UnsignedToFloat => from == IrType.I64 ? "cvt.rn.f32.u64" : "cvt.rn.f32.u32",
            Op.FloatToFloat => "cvt.rn.f32.f64",
            Op.HalfToFloat => "cvt.f32.f16",
            Op.Bitcast => "mov.b32",
            _ => throw Unknown(value),
        };
    }

    private static string OfDouble(Value value)
    {
        IrType from = value.Args[0].Type;
        return value.Op switch
        {
            Op.Add => "add.rn.f64",
            Op.Sub => "sub.rn.f64",
            Op.Mul => "mul.rn.f64",
            Op.Div => "div.rn.f64",
            Op.Fma => "fma.rn.f64",
            Op.Neg => "neg.f64",
            Op.Abs => "abs.f64",
            Op.Min => "min.f64",
            Op.Max => "max.f64",
            Op.Sqrt => "sqrt.rn.f64",
            Op.Rcp => "rcp.rn.f64",
            Op.Floor => "cvt.rmi.f64.f64",
            Op.Ceiling => "cvt.rpi.f64.f64",
            Op.Truncate => "cvt.rzi.f64.f64",
            Op.Round => "cvt.rni.f64.f64",
            Op.IntToFloat => from == IrType.I64 ? "cvt.rn.f64.s64" : "cvt.rn.f64.s32",
            Op.UnsignedToFloat => from == IrType.I64 ? "cvt.rn.f64.u64" : "cvt.rn.f64.u32",
            Op.FloatToFloat => "cvt.f64.f32",
            Op.Bitcast => "mov.b64",
            _ => throw Unknown(value),
        };
    }

    private static MmkException Unknown(Value value) => Diagnostics.Broken("a kernel", "emit", $"{value.Op} on {value.Type} has no instruction");
}
