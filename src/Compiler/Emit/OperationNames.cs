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
    public static string Of(Value value)
        => names.TryGetValue((value.Op, value.Type, IrType.Void), out string? name) || names.TryGetValue((value.Op, value.Type, value.Args[0].Type), out name)
            ? value is { Op: Op.Min or Op.Max, Kind: 1 } ? $"{name.AsSpan(0, 3)}.NaN.f32" : name
            : throw Unknown(value);

    private static string Vector(Access access) => access.Count switch { 2 => ".v2", 4 => ".v4", _ => "" };

    private static readonly (Op, string)[] integers =
    [
        (Op.Add, "add.s#"), (Op.Sub, "sub.s#"), (Op.Mul, "mul.lo.s#"), (Op.MulHigh, "mul.hi.s#"), (Op.MulHighUnsigned, "mul.hi.u#"),
        (Op.Div, "div.s#"), (Op.DivUnsigned, "div.u#"), (Op.Rem, "rem.s#"), (Op.RemUnsigned, "rem.u#"),
        (Op.And, "and.b#"), (Op.Or, "or.b#"), (Op.Xor, "xor.b#"), (Op.Not, "not.b#"), (Op.Shl, "shl.b#"), (Op.Shr, "shr.s#"), (Op.ShrUnsigned, "shr.u#"),
        (Op.Neg, "neg.s#"), (Op.Abs, "abs.s#"), (Op.Min, "min.s#"), (Op.Max, "max.s#"), (Op.MinUnsigned, "min.u#"), (Op.MaxUnsigned, "max.u#"), (Op.ReverseBits, "brev.b#"),
    ];

    private static readonly (Op, string)[] floats =
    [
        (Op.Add, "add.rn.f#"), (Op.Sub, "sub.rn.f#"), (Op.Mul, "mul.rn.f#"), (Op.Div, "div.rn.f#"), (Op.Fma, "fma.rn.f#"), (Op.Neg, "neg.f#"), (Op.Abs, "abs.f#"),
        (Op.Min, "min.f#"), (Op.Max, "max.f#"), (Op.Sqrt, "sqrt.rn.f#"),
        (Op.Floor, "cvt.rmi.f#.f#"), (Op.Ceiling, "cvt.rpi.f#.f#"), (Op.Truncate, "cvt.rzi.f#.f#"), (Op.Round, "cvt.rni.f#.f#"),
    ];

    private static readonly (Op, string)[] floatFunctions =
    [
        (Op.Rsqrt, "rsqrt.approx.f32"), (Op.Rcp, "rcp.approx.f32"), (Op.Exp2, "ex2.approx.ftz.f32"), (Op.Log2, "lg2.approx.f32"),
        (Op.Sin, "sin.approx.f32"), (Op.Cos, "cos.approx.f32"), (Op.Tanh, "tanh.approx.f32"),
    ];

    private static readonly (Op, string)[] truths = [(Op.And, "and.pred"), (Op.Or, "or.pred"), (Op.Xor, "xor.pred"), (Op.Not, "not.pred")];

    private static readonly (Op, IrType To, IrType From, string)[] conversions =
    [
        (Op.SignExtend8, IrType.I32, IrType.I32, "cvt.s32.s8"), (Op.SignExtend16, IrType.I32, IrType.I32, "cvt.s32.s16"),
        (Op.SignExtend, IrType.I64, IrType.I32, "cvt.s64.s32"), (Op.ZeroExtend, IrType.I64, IrType.I32, "cvt.u64.u32"), (Op.ZeroExtend, IrType.I32, IrType.I16, "cvt.u32.u16"),
        (Op.Narrow, IrType.I32, IrType.I64, "cvt.u32.u64"), (Op.Narrow, IrType.I16, IrType.I32, "cvt.u16.u32"),
        (Op.MulWide, IrType.I64, IrType.I32, "mul.wide.s32"), (Op.MulWideUnsigned, IrType.I64, IrType.I32, "mul.wide.u32"),
        (Op.Bitcast, IrType.I32, IrType.F32, "mov.b32"), (Op.Bitcast, IrType.F32, IrType.I32, "mov.b32"),
        (Op.Bitcast, IrType.I64, IrType.F64, "mov.b64"), (Op.Bitcast, IrType.F64, IrType.I64, "mov.b64"),
        (Op.FloatToFloat, IrType.F32, IrType.F64, "cvt.rn.f32.f64"), (Op.FloatToFloat, IrType.F64, IrType.F32, "cvt.f64.f32"),
        (Op.HalfToFloat, IrType.F32, IrType.I16, "cvt.f32.f16"), (Op.FloatToHalf, IrType.I16, IrType.F32, "cvt.rn.f16.f32"), (Op.FloatToBrain, IrType.I16, IrType.F32, "cvt.rn.bf16.f32"),
    ];

    // Behind the tables that it is made of: static fields are initialised in this order.
    /// <summary>Names by operation, type, and for conversions the type that they start from.</summary>
    private static readonly Dictionary<(Op, IrType, IrType), string> names = MakeNames();

    private static Dictionary<(Op, IrType, IrType), string> MakeNames()
    {
        var made = new Dictionary<(Op, IrType, IrType), string>();
        foreach ((Op op, string name) in integers) AddBoth(op, name, IrType.I32, IrType.I64);
        foreach ((Op op, string name) in floats) AddBoth(op, name, IrType.F32, IrType.F64);
        foreach ((Op op, string name) in floatFunctions) made.Add((op, IrType.F32, IrType.Void), name);
        foreach ((Op op, string name) in truths) made.Add((op, IrType.Pred, IrType.Void), name);
        foreach ((Op op, IrType to, IrType from, string name) in conversions) made.Add((op, to, from), name);
        foreach ((IrType whole, string bits) in new[] { (IrType.I32, "32"), (IrType.I64, "64") })
        {
            made.Add((Op.PopCount, IrType.I32, whole), $"popc.b{bits}");
            made.Add((Op.LeadingZeros, IrType.I32, whole), $"clz.b{bits}");
            foreach ((IrType real, string width) in new[] { (IrType.F32, "32"), (IrType.F64, "64") })
            {
                made.Add((Op.FloatToInt, whole, real), $"cvt.rzi.s{bits}.f{width}");
                made.Add((Op.FloatToUnsigned, whole, real), $"cvt.rzi.u{bits}.f{width}");
                made.Add((Op.IntToFloat, real, whole), $"cvt.rn.f{width}.s{bits}");
                made.Add((Op.UnsignedToFloat, real, whole), $"cvt.rn.f{width}.u{bits}");
            }
        }
        return made;

        void AddBoth(Op op, string name, IrType narrow, IrType wide)
        {
            made.Add((op, narrow, IrType.Void), name.Replace("#", "32"));
            made.Add((op, wide, IrType.Void), name.Replace("#", "64"));
        }
    }

    private static MmkException Unknown(Value value) => Diagnostics.Broken("a kernel", "emit", $"{value.Op} on {value.Type} has no instruction");
}
