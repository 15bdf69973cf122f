using System.Globalization;
using MmKernels.Dialect;

namespace MmKernels.Tests.Programs;

internal enum Type : byte { Bool, SByte, Byte, Short, UShort, Int, UInt, Long, ULong, Half, Brain, Float, Double }

/// <summary>Facts about the types of random programs.</summary>
internal static class Types
{
    public const int Count = 13;

    public static bool IsReal(this Type type) => type >= Type.Float;

    public static bool IsHalf(this Type type) => type is Type.Half or Type.Brain;

    /// <summary>Whole numbers that C# computes with; smaller ones become int.</summary>
    public static bool IsWide(this Type type) => type is >= Type.Int and <= Type.ULong;

    public static bool IsUnsigned(this Type type) => type is Type.Byte or Type.UShort or Type.UInt or Type.ULong;

    public static System.Type Clr(this Type type) => type switch
    {
        Type.Bool => typeof(bool),
        Type.SByte => typeof(sbyte),
        Type.Byte => typeof(byte),
        Type.Short => typeof(short),
        Type.UShort => typeof(ushort),
        Type.Int => typeof(int),
        Type.UInt => typeof(uint),
        Type.Long => typeof(long),
        Type.ULong => typeof(ulong),
        Type.Half => typeof(F16),
        Type.Brain => typeof(BF16),
        Type.Float => typeof(float),
        _ => typeof(double),
    };

    public static string Name(this Type type) => type switch { Type.Half => "F16", Type.Brain => "BF16", _ => type.ToString().ToLowerInvariant() };
}

/// <summary>The arrays that every function of a program gets, of <see cref="Length"/> elements each.</summary>
internal static class Arrays
{
    public const int Length = 8;

    /// <summary>A thread has its part of a global array; local ones are its own.</summary>
    public static readonly (bool IsLocal, Type Type)[] All =
    [
        (false, Type.Int), (true, Type.Int), (false, Type.Byte), (true, Type.Short), (false, Type.Half), (true, Type.Double), (false, Type.Long), (true, Type.Float),
    ];

    public static readonly int[] Globals = [.. Enumerable.Range(0, All.Length).Where(i => !All[i].IsLocal)];

    /// <summary>An array on the host whose elements count 0, 1, 2...</summary>
    public static Array Counting(Type type, int length) => type switch
    {
        Type.Byte => Enumerable.Range(0, length).Select(i => (byte)i).ToArray(),
        Type.Short => Enumerable.Range(0, length).Select(i => (short)i).ToArray(),
        Type.Half => Enumerable.Range(0, length).Select(i => (F16)i).ToArray(),
        Type.Double => Enumerable.Range(0, length).Select(i => (double)i).ToArray(),
        Type.Long => Enumerable.Range(0, length).Select(i => (long)i).ToArray(),
        Type.Float => Enumerable.Range(0, length).Select(i => (float)i).ToArray(),
        _ => Enumerable.Range(0, length).ToArray(),
    };
}

/// <summary>A struct with methods and operators; random programs have two variables of it.</summary>
public struct Mix
{
    public int A;
    public float B;
    public long C;

    public static Mix operator +(Mix x, Mix y) => new() { A = x.A + y.A, B = x.B * 0.5f + y.B, C = x.C ^ y.C };

    public readonly Mix Step(int by)
    {
        Mix next = this;
        next.A += by;
        if (by > 3) next.Mark(ref next.B, out next.C);
        return next;
    }

    public static void Swap(ref Mix x, ref Mix y) => (x, y) = (y, x);

    private readonly void Mark(ref float b, out long c)
    {
        b += 1f;
        c = C * 31 + A;
    }
}

internal enum Kind
{
    Constant, Variable, Element, Field,
    Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr, ShrUnsigned, Neg, Not,
    Lt, Le, Gt, Ge, Eq, Ne, AndAlso, OrElse, Choose,
    Convert,
    Abs, Sqrt, Min, Max, FusedMultiplyAdd, Floor, Ceiling, Truncate, PopCount, LeadingZeroCount, TrailingZeroCount, RotateLeft,
    Call,
}

/// <summary>An expression of a random program.</summary>
/// <param name="Number">A constant's bits, a variable's, array's or function's index, or struct variable and field.</param>
internal sealed record Expression(Kind Kind, Type Type, Expression[] Args, long Number = 0)
{
    public override string ToString() => Kind switch
    {
        Kind.Constant => Literal(),
        Kind.Variable => $"{Type.Name()}{Number}",
        Kind.Element => $"{(Arrays.All[Number].IsLocal ? "local" : "global")}{Number}[{Args[0]} & 7]",
        Kind.Field => $"mix{Number / 3}.{"ABC"[(int)(Number % 3)]}",
        Kind.Neg => $"(-{Args[0]})",
        Kind.Not => Type == Type.Bool ? $"(!{Args[0]})" : $"(~{Args[0]})",
        Kind.Choose => $"({Args[0]} ? {Args[1]} : {Args[2]})",
        Kind.Convert => $"({Type.Name()})({Args[0]})",
        >= Kind.Abs and <= Kind.RotateLeft => $"{Kind}({string.Join(", ", (object[])Args)})",
        Kind.Call => $"F{Number}({string.Join(", ", (object[])Args)})",
        _ => $"({Args[0]} {Symbol()} {Args[1]})",
    };

    private string Symbol() => Kind switch
    {
        Kind.Add => "+",
        Kind.Sub => "-",
        Kind.Mul => "*",
        Kind.Div => "/",
        Kind.Rem => "%",
        Kind.And => "&",
        Kind.Or => "|",
        Kind.Xor => "^",
        Kind.Shl => "<<",
        Kind.Shr => ">>",
        Kind.ShrUnsigned => ">>>",
        Kind.Lt => "<",
        Kind.Le => "<=",
        Kind.Gt => ">",
        Kind.Ge => ">=",
        Kind.Eq => "==",
        Kind.Ne => "!=",
        Kind.AndAlso => "&&",
        _ => "||",
    };

    private string Literal() => Type switch
    {
        Type.Bool => Number != 0 ? "true" : "false",
        Type.Float or Type.Half or Type.Brain => BitConverter.Int32BitsToSingle((int)Number).ToString("R", CultureInfo.InvariantCulture) + "f",
        Type.Double => BitConverter.Int64BitsToDouble(Number).ToString("R", CultureInfo.InvariantCulture) + "d",
        Type.UInt => (uint)Number + "u",
        _ => Number.ToString(CultureInfo.InvariantCulture),
    };
}

internal enum Form : byte { Assign, If, Loop, HeadLoop, Endless, Unrolled, Switch, Break, Continue, Return, Combine, Swap, Step }

/// <summary>A statement of a random program. Loops count a local of their own; bodies run at most <c>Number</c> times.</summary>
/// <param name="Target">The variable, element or field that is assigned.</param>
/// <param name="Value">The value, condition or selector.</param>
/// <param name="Number">Rounds of an unrolled loop; the struct variable that is assigned.</param>
internal sealed record Statement(Form Form, Expression? Target, Expression? Value, Statement[][] Bodies, int Number = 0)
{
    public string Print(string indent)
    {
        string inner = indent + "    ";
        string Body(int i) => string.Concat(Bodies[i].Select(s => s.Print(inner)));
        return Form switch
        {
            Form.Assign => $"{indent}{Target} = {Value};\n",
            Form.If => $"{indent}if ({Value}) {{\n{Body(0)}{indent}}} else {{\n{Body(1)}{indent}}}\n",
            Form.Loop or Form.HeadLoop => $"{indent}for (k = 0; k < ({Value} & 7) /* {Form} */; k++) {{\n{Body(0)}{indent}}}\n",
            Form.Endless => $"{indent}for (k = {Value} & 7; ; ) {{\n{inner}if (k-- <= 0) break;\n{Body(0)}{indent}}}\n",
            Form.Unrolled => $"{indent}for (k = Unroll.From(0); k < {Number}; k++) {{\n{Body(0)}{indent}}}\n",
            Form.Switch => $"{indent}switch ({Value}) {{\n{string.Concat(Bodies.Select((_, i) => $"{indent}case {i}:\n{Body(i)}"))}{indent}}}\n",
            Form.Combine => $"{indent}mix{Number} = mix0 + mix1;\n",
            Form.Swap => $"{indent}Mix.Swap(ref mix0, ref mix1);\n",
            Form.Step => $"{indent}mix{Number} = mix{1 - Number}.Step({Value});\n",
            Form.Return => $"{indent}return;\n",
            _ => $"{indent}{Form.ToString().ToLowerInvariant()};\n",
        };
    }
}

/// <summary>A function: the main one (index 0) or a helper, whose result is its first int variable.</summary>
internal sealed record Function(Statement[] Body);

/// <summary>Functions[0] is executed once for each pair of inputs; it may call those behind it, and each only later ones.</summary>
/// <param name="Steps">For programs whose lanes exchange values: what all lanes do, one after the other.</param>
internal sealed record Sample(Function[] Functions, Step[] Steps)
{
    public override string ToString() => string.Concat(Steps.Select(s => $"{s}\n")) + string.Concat(Functions.Select((f, i) => $"F{i}:\n{string.Concat(f.Body.Select(s => s.Print("    ")))}"));
}

internal enum StepKind { Compute, Masked, Xor, Down, Up, Index, Wide, Real, Shared, Ballot, All, Any, AtomicShared, AtomicGlobal, Count, Every, Some, Repeat }

/// <summary>What every lane does with its value.</summary>
/// <param name="Number">The function, the distance or lane of a shuffle, the stride of an exchange, the limit of a vote, the rounds of a loop.</param>
internal sealed record Step(StepKind Kind, int Number, Step[] Inner)
{
    public override string ToString() => Kind == StepKind.Repeat ? $"Repeat {Number} {{ {string.Join("; ", (object[])Inner)} }}" : $"{Kind} {Number}";
}
