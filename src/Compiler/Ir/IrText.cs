using System.Globalization;
using System.Text;

namespace MmKernels.Compiler.Ir;

/// <summary>The text form of a function: one line per value, for dumps and tests.</summary>
internal static class IrText
{
    public static string Print(Function function)
    {
        var text = new StringBuilder();
        text.Append("function ").Append(function.Name).Append('\n');
        foreach (MemoryArray array in function.Arrays)
            text.Append(CultureInfo.InvariantCulture, $"  {array.Space.ToString().ToLowerInvariant()} {array.Name}[{array.Bytes}] align {array.Align}\n");
        foreach (Block block in function.Blocks) Print(text, block);
        return text.ToString();
    }

    /// <summary>A constant as text: <c>7:i32</c>, <c>1.5:f32</c>.</summary>
    public static string Constant(Value value)
    {
        string number = value.Type switch
        {
            IrType.F32 => value.Float.ToString("R", CultureInfo.InvariantCulture),
            IrType.F64 => value.Double.ToString("R", CultureInfo.InvariantCulture),
            _ => value.Imm.ToString(CultureInfo.InvariantCulture),
        };
        return $"{number}:{Name(value.Type)}";
    }

    private static void Print(StringBuilder text, Block block)
    {
        text.Append(block).Append(':');
        if (block.Predecessors.Count > 0) text.Append("  from ").AppendJoin(", ", block.Predecessors);
        text.Append('\n');
        foreach (Value value in block.Values) Print(text, value);
        if (block.Condition is { } condition) text.Append(CultureInfo.InvariantCulture, $"  if {condition} then {block.Next} else {block.Else}\n");
        else text.Append(block.Next is null ? "  return\n" : $"  goto {block.Next}\n");
    }

    private static void Print(StringBuilder text, Value value)
    {
        text.Append("  ");
        if (value.Type != IrType.Void || value.Op == Op.Load) text.Append(value).Append(" = ");
        text.Append(value.Op.ToString().ToLowerInvariant());
        string kind = Kind(value);
        if (kind.Length > 0) text.Append('.').Append(kind);
        if (value.Type != IrType.Void) text.Append('.').Append(Name(value.Type));
        if (value.Args.Length > 0) text.Append(' ').AppendJoin(", ", (object[])value.Args);
        if (value.Op is Op.Load or Op.Store or Op.Atomic or Op.Extract or Op.Parameter && value.Imm != 0 || value.Op is Op.Parameter or Op.Extract)
            text.Append(CultureInfo.InvariantCulture, $" #{value.Imm}");
        if (value.Op == Op.Special) text.Append(' ').Append((SpecialRegister)value.Imm);
        if (value.Symbol is not null) text.Append(' ').Append(value.Symbol);
        text.Append('\n');
    }

    private static string Kind(Value value) => value.Op switch
    {
        Op.Compare => $"{(Condition)value.Kind}".ToLowerInvariant() + $".{Name(value.Args[0].Type)}",
        Op.Shuffle => $"{(ShuffleMode)value.Kind}".ToLowerInvariant(),
        Op.Vote => $"{(VoteMode)value.Kind}".ToLowerInvariant(),
        Op.Atomic => $"{(AtomicOp)value.Kind}.{value.Access.Space}.{value.Access.Type}".ToLowerInvariant(),
        Op.Load or Op.Store => $"{value.Access.Space}{(value.Access.ReadOnly ? ".nc" : "")}{(value.Access.Count > 1 ? $".v{value.Access.Count}" : "")}.{value.Access.Type}".ToLowerInvariant(),
        _ => "",
    };

    private static string Name(IrType type) => type switch
    {
        IrType.Pred => "pred",
        IrType.I16 => "i16",
        IrType.I32 => "i32",
        IrType.I64 => "i64",
        IrType.F32 => "f32",
        IrType.F64 => "f64",
        _ => "void",
    };
}
