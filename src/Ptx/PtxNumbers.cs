using System.Globalization;

namespace MmKernels.Ptx;

/// <summary>Reads numeric literals.</summary>
internal static class PtxNumbers
{
    /// <summary>Reads <c>12</c>, <c>0x1FU</c>, <c>017</c>, <c>0b101</c>, <c>1.5e3</c>, <c>0f3F800000</c> or <c>0d3FF0000000000000</c>.</summary>
    /// <exception cref="MmkException">MMK101: not a literal of these forms.</exception>
    public static ImmediateOperand Parse(ReadOnlySpan<char> text, bool negative, int line)
    {
        if (text.Length > 1 && text[0] == '0' && text[1] is 'f' or 'F') return Float(text, 8, PtxImmediateKind.F32, negative, line);
        if (text.Length > 1 && text[0] == '0' && text[1] is 'd' or 'D') return Float(text, 16, PtxImmediateKind.F64, negative, line);
        ReadOnlySpan<char> digits = text[^1] is 'U' or 'u' ? text[..^1] : text;
        ulong value;
        bool ok;
        if (digits.StartsWith("0x") || digits.StartsWith("0X")) ok = ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        else if (digits.StartsWith("0b") || digits.StartsWith("0B")) ok = ulong.TryParse(digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value);
        else if (digits.Length > 1 && digits[0] == '0' && !digits.ContainsAnyExceptInRange('0', '9')) ok = Octal(digits, out value);
        else if (digits.ContainsAny(".eE"))
        {
            ok = double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double real);
            if (ok) return ImmediateOperand.Of(negative ? -real : real);
            value = 0;
        }
        else ok = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (!ok) throw PtxErrors.Literal(line, $"`{text}` is not a number");
        return new ImmediateOperand(negative ? 0 - value : value);
    }

    private static ImmediateOperand Float(ReadOnlySpan<char> text, int digits, PtxImmediateKind kind, bool negative, int line)
    {
        if (text.Length != 2 + digits || !ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
            throw PtxErrors.Literal(line, $"`{text}` needs {digits} hexadecimal digits behind {text[..2]}");
        if (negative) bits ^= 1ul << (4 * digits - 1);
        return new ImmediateOperand(bits, kind);
    }

    private static bool Octal(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (char c in digits)
        {
            if (c > '7' || value >> 61 != 0) return false;
            value = value << 3 | (uint)(c - '0');
        }
        return true;
    }
}
