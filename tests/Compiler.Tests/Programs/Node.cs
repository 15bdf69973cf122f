using System.Globalization;

namespace MmKernels.Tests.Programs;

internal enum Type : byte { Bool, Int, UInt, Long, ULong, Float, Double }

internal enum Kind
{
    Constant, Variable, Element,
    Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr, Neg, Not,
    Lt, Le, Gt, Ge, Eq, Ne, AndAlso, OrElse, Choose,
    ToByte, ToSByte, ToShort, ToUShort, Convert,
    Abs, Sqrt, Min, Max, Fma, Floor, Call,
}

/// <summary>An expression of a random program.</summary>
/// <param name="Number">A constant's bits, a variable's, array's or function's index.</param>
internal sealed record Expression(Kind Kind, Type Type, Expression[] Args, long Number = 0)
{
    public override string ToString() => Kind switch
    {
        Kind.Constant => Literal(),
        Kind.Variable => $"{Type.ToString()[0]}{Type.ToString()[^1]}{Number}".ToLowerInvariant(),
        Kind.Element => $"{(Number == 0 ? "global" : "local")}[{Args[0]} & 7]",
        Kind.Neg => $"(-{Args[0]})",
        Kind.Not => Type == Type.Bool ? $"(!{Args[0]})" : $"(~{Args[0]})",
        Kind.Choose => $"({Args[0]} ? {Args[1]} : {Args[2]})",
        Kind.Convert => $"({Name(Type)})({Args[0]})",
        Kind.ToByte or Kind.ToSByte or Kind.ToShort or Kind.ToUShort => $"({Kind.ToString()[2..].ToLowerInvariant()})({Args[0]})",
        Kind.Abs or Kind.Sqrt or Kind.Min or Kind.Max or Kind.Fma or Kind.Floor => $"{Kind}({string.Join(", ", (object[])Args)})",
        Kind.Call => $"F{Number}({string.Join(", ", (object[])Args)})",
        _ => $"({Args[0]} {Symbol()} {Args[1]})",
    };

    public static string Name(Type type) => type.ToString().ToLowerInvariant();

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
        Type.Float => BitConverter.Int32BitsToSingle((int)Number).ToString("R", CultureInfo.InvariantCulture) + "f",
        Type.Double => BitConverter.Int64BitsToDouble(Number).ToString("R", CultureInfo.InvariantCulture) + "d",
        Type.UInt => (uint)Number + "u",
        _ => Number.ToString(CultureInfo.InvariantCulture),
    };
}

internal enum Form : byte { Assign, If, Loop, HeadLoop, Unrolled, Switch, Break, Continue, Return }

/// <summary>A statement of a random program. Loops count a local of their own; bodies run at most <c>Number</c> times.</summary>
/// <param name="Target">The variable or element that is assigned.</param>
/// <param name="Value">The value, condition or selector.</param>
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
            Form.Unrolled => $"{indent}for (k = Unroll.From(0); k < {Number}; k++) {{\n{Body(0)}{indent}}}\n",
            Form.Switch => $"{indent}switch ({Value}) {{\n{string.Concat(Bodies.Select((_, i) => $"{indent}case {i}:\n{Body(i)}"))}{indent}}}\n",
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
    public override string ToString() => $"steps: {string.Join(", ", (object[])Steps)}\n" + string.Concat(Functions.Select((f, i) => $"F{i}:\n{string.Concat(f.Body.Select(s => s.Print("    ")))}"));
}

internal enum StepKind { Compute, Xor, Down, Up, Index, Shared, Ballot }

/// <summary>What every lane does with its value.</summary>
/// <param name="Number">The function, the distance or lane of a shuffle, the stride of the exchange through shared memory.</param>
internal sealed record Step(StepKind Kind, int Number)
{
    public override string ToString() => $"{Kind} {Number}";
}
