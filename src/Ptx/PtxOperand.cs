using System.Globalization;

namespace MmKernels.Ptx;

/// <summary>An operand of an instruction.</summary>
public abstract record PtxOperand;

/// <summary>A register; <paramref name="Negated"/> for a predicate source written <c>!%p1</c>.</summary>
public sealed record RegisterOperand(PtxRegister Register, bool Negated = false) : PtxOperand
{
    public override string ToString() => Negated ? $"!{Register.Name}" : Register.Name;
}

/// <summary>A constant: a sign-extended 64-bit integer, or the bits of an f32 or f64 literal.</summary>
public sealed record ImmediateOperand(ulong Bits, PtxImmediateKind Kind = PtxImmediateKind.Integer) : PtxOperand
{
    public static ImmediateOperand Of(long value) => new((ulong)value);

    public static ImmediateOperand Of(float value) => new(BitConverter.SingleToUInt32Bits(value), PtxImmediateKind.F32);

    public static ImmediateOperand Of(double value) => new(BitConverter.DoubleToUInt64Bits(value), PtxImmediateKind.F64);

    public override string ToString() => Kind switch
    {
        PtxImmediateKind.F32 => $"0f{Bits:X8}",
        PtxImmediateKind.F64 => $"0d{Bits:X16}",
        _ => ((long)Bits).ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>A memory address <c>[register + offset]</c>, <c>[symbol + offset]</c> or <c>[offset]</c>; at most one of register and symbol is set.</summary>
public sealed record AddressOperand(PtxRegister? Register, PtxVariable? Symbol, long Offset) : PtxOperand
{
    public override string ToString()
    {
        string? name = Register?.Name ?? Symbol?.Name;
        string offset = Offset.ToString(CultureInfo.InvariantCulture);
        return name is null ? $"[{offset}]" : Offset == 0 ? $"[{name}]" : $"[{name}+{offset}]";
    }
}

/// <summary>Several operands in braces, such as <c>{%f1, %f2}</c>.</summary>
public sealed record VectorOperand(PtxOperand[] Elements) : PtxOperand
{
    public override string ToString() => $"{{{string.Join(", ", (object[])Elements)}}}";
}

/// <summary>The address of a variable, such as <c>table+8</c> in a mov.</summary>
public sealed record SymbolOperand(PtxVariable Variable, long Offset = 0) : PtxOperand
{
    public override string ToString() => Offset == 0 ? Variable.Name : $"{Variable.Name}+{Offset.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>A function: the target of a direct call, or the source of a mov that takes its address.</summary>
public sealed record FunctionOperand(string Name) : PtxOperand
{
    public override string ToString() => Name;
}

/// <summary>A label: a branch target, a <c>.branchtargets</c> list or a <c>.callprototype</c>.</summary>
public sealed record LabelOperand(PtxLabel Label) : PtxOperand
{
    public override string ToString() => Label.Name;
}

/// <summary>A special register such as <c>%tid.x</c>.</summary>
public sealed record SpecialRegisterOperand(PtxSpecialRegister Register) : PtxOperand
{
    public override string ToString() => Register.Name();
}

/// <summary>Two destinations <c>%r1|%p1</c>, or <c>%p1|%p2</c>.</summary>
public sealed record PairOperand(PtxOperand First, PtxOperand Second) : PtxOperand
{
    public override string ToString() => $"{First}|{Second}";
}

/// <summary>The destination <c>_</c> that drops a result.</summary>
public sealed record SinkOperand : PtxOperand
{
    public static readonly SinkOperand Instance = new();

    public override string ToString() => "_";
}

/// <summary>Operands in parentheses: the return slots and the arguments of a call.</summary>
public sealed record ListOperand(PtxOperand[] Elements) : PtxOperand
{
    public override string ToString() => $"({string.Join(", ", (object[])Elements)})";
}

/// <summary>A tensor address <c>[base, {coordinates}]</c> of a bulk tensor copy or a texture access.</summary>
public sealed record TensorAddressOperand(PtxOperand Base, PtxOperand Coordinates) : PtxOperand
{
    public override string ToString() => $"[{Base}, {Coordinates}]";
}
