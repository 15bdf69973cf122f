using System.Globalization;

namespace MmKernels.Data;

/// <summary>
/// One metadata value of a GGUF file. <paramref name="Value"/> is a byte, sbyte, ushort, short, uint, int, ulong, long, float, double, bool or string
/// as <paramref name="Type"/> says, and for arrays an array of those (of <see cref="GgufValue"/> for arrays of arrays).
/// </summary>
/// <param name="Type">The type of the value.</param>
/// <param name="ElementType">The type of an array's elements; null for all else.</param>
/// <param name="Value">The value.</param>
public sealed record GgufValue(GgufValueType Type, GgufValueType? ElementType, object Value)
{
    /// <summary>Elements that <see cref="ToString"/> shows of an array.</summary>
    private const int ShownElements = 8;

    /// <summary>For people: strings as they are, arrays cut after their first elements.</summary>
    public override string ToString() => Value switch
    {
        Array array => $"[{string.Join(", ", array.Cast<object>().Take(ShownElements).Select(Text))}{(array.Length > ShownElements ? $", … {array.Length} in all" : "")}]",
        _ => Text(Value),
    };

    private static string Text(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
