namespace MmKernels.Ptx;

/// <summary>What an operand must be; written as in <see cref="IsaRow.Operands"/>.</summary>
/// <param name="Kind">The pattern without its marks, such as <c>T1</c>, <c>A</c> or <c>u32</c>.</param>
/// <param name="Destination">Marked with <c>=</c>.</param>
/// <param name="Optional">Marked with <c>?</c>.</param>
/// <param name="Negatable">Marked with <c>!</c>.</param>
/// <param name="Pair">May be followed by <c>|</c> and a predicate.</param>
/// <param name="OrPredicate">May be a predicate instead of a value.</param>
public sealed record OperandPattern(string Kind, bool Destination, bool Optional, bool Negatable, bool Pair, bool OrPredicate)
{
    public static OperandPattern Parse(string text)
    {
        bool destination = text[0] == '=', negatable = text[0] == '!';
        if (destination || negatable) text = text[1..];
        bool pair = text.EndsWith("|p?");
        if (pair) text = text[..^3];
        bool optional = text.EndsWith('?');
        if (optional) text = text[..^1];
        bool orPredicate = text.EndsWith("/p");
        if (orPredicate) text = text[..^2];
        return new OperandPattern(text, destination, optional, negatable, pair, orPredicate);
    }
}
