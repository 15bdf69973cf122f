using System.Globalization;
using System.Numerics;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>The % operator on strings and str.format.</summary>
internal static class PyFormat
{
    private const int WidestField = 10_000;

    public static string Percent(string format, object? value, Budget budget)
    {
        IReadOnlyList<object?> values = value is PyTuple tuple ? tuple.Items : [value];
        int used = 0;
        var result = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }
            i++;
            object? source = null;
            bool keyed = i < format.Length && format[i] == '(';
            if (keyed)
            {
                int close = format.IndexOf(')', i);
                if (close < 0) throw Py.ValueError("incomplete format key");
                if (value is not PyDict dict) throw Py.TypeError("format requires a mapping");
                string key = format[(i + 1)..close];
                if (!dict.TryGet(key, out source)) throw MmKernels.Data.Tokenizers.TextErrors.TemplateFailed("KeyError", PyRepr.Quote(key));
                i = close + 1;
            }
            int flags = i;
            while (i < format.Length && "#0- +".Contains(format[i])) i++;
            string flag = format[flags..i];
            int width = ReadNumber(format, ref i), precision = -1;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Math.Max(0, ReadNumber(format, ref i));
            }
            if (i >= format.Length) throw Py.ValueError("incomplete format");
            char kind = format[i];
            if (kind == '%')
            {
                result.Append('%');
                continue;
            }
            if (!keyed) source = used < values.Count ? values[used++] : throw Py.TypeError("not enough arguments for format string");
            string text = PercentField(kind, source, precision, flag);
            budget.Charge(text.Length + Math.Max(width, 0));
            result.Append(flag.Contains('-') ? text.PadRight(Math.Max(width, 0)) : flag.Contains('0') && kind != 's' && kind != 'r' ? PadZero(text, width) : text.PadLeft(Math.Max(width, 0)));
        }
        if (used < values.Count && value is not (PyDict or PyList or PyRange or Undefined)) throw Py.TypeError("not all arguments converted during string formatting");
        return result.ToString();
    }

    /// <summary>str.format with fields {}, {0}, {name}, attributes, items, !r and !s, and format specifications.</summary>
    public static string Format(string format, Arguments arguments)
    {
        var result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                result.Append(c);
                i++;
                continue;
            }
            if (c == '}') throw Py.ValueError("Single '}' encountered in format string");
            if (c != '{')
            {
                result.Append(c);
                continue;
            }
            int close = format.IndexOf('}', i);
            if (close < 0) throw Py.ValueError("expected '}' before end of string");
            string field = format[(i + 1)..close], specification = "";
            int colon = field.IndexOf(':');
            if (colon >= 0) (field, specification) = (field[..colon], field[(colon + 1)..]);
            bool repr = field.EndsWith("!r", StringComparison.Ordinal);
            if (repr || field.EndsWith("!s", StringComparison.Ordinal)) field = field[..^2];
            object? value = Lookup(field, arguments, ref next);
            string text = repr ? PyRepr.Repr(value, new PyDepth()) : specification == "" ? Py.Text(value) : Specified(value, specification);
            arguments.Budget.Charge(text.Length);
            result.Append(text);
            i = close;
        }
        return arguments.Budget.Charged(result.ToString());
    }

    private static object? Lookup(string field, Arguments arguments, ref int next)
    {
        int end = field.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? field : field[..end];
        object? value;
        if (first == "") value = Positional(next++);
        else if (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int index)) value = Positional(index);
        else value = arguments.Has(int.MaxValue, first) ? arguments.Optional(-1, first) : throw MmKernels.Data.Tokenizers.TextErrors.TemplateFailed("KeyError", PyRepr.Quote(first));
        for (int i = end; i >= 0 && i < field.Length;)
        {
            bool bracket = field[i] == '[';
            int stop = bracket ? field.IndexOf(']', i) : field.AsSpan(i + 1).IndexOfAny('.', '[') is >= 0 and int at ? i + 1 + at : field.Length;
            if (stop < 0) throw Py.ValueError("Missing ']' in format string");
            string name = field[(i + 1)..stop];
            value = !bracket ? Attributes.Get(value, name, arguments.Renderer)
                : Attributes.Item(value, long.TryParse(name, out long number) ? number : name, arguments.Renderer);
            i = bracket ? stop + 1 : stop;
        }
        return value;

        object? Positional(int at) => at < arguments.Positional.Count ? arguments.Positional[at]
            : throw MmKernels.Data.Tokenizers.TextErrors.TemplateFailed("IndexError", $"Replacement index {at} out of range for positional args tuple");
    }

    /// <summary>[[fill]align][sign][0][width][,][.precision][type]</summary>
    private static string Specified(object? value, string s)
    {
        int i = 0;
        char fill = ' ', align = PyNumbers.IsNumber(value) ? '>' : '<';
        if (s.Length > 1 && "<>^=".Contains(s[1])) (fill, align, i) = (s[0], s[1], 2);
        else if (s.Length > 0 && "<>^=".Contains(s[0])) (align, i) = (s[0], 1);
        char sign = i < s.Length && "+- ".Contains(s[i]) ? s[i++] : '-';
        if (i < s.Length && s[i] == '0') (fill, align, i) = ('0', '=', i + 1);
        int width = Math.Max(0, ReadNumber(s, ref i)), precision = -1;
        bool comma = i < s.Length && s[i] == ',';
        if (comma) i++;
        if (i < s.Length && s[i] == '.')
        {
            i++;
            precision = ReadNumber(s, ref i);
        }
        char kind = i < s.Length ? s[i++] : value is string ? 's' : '\0';
        if (i != s.Length) throw Py.ValueError($"Invalid format specifier '{s}'");
        string text = kind == '\0' ? precision < 0 ? Py.Text(value) : Number('g', value, precision) : kind == 's' ? Cut(Py.Text(value), precision) : Number(kind, value, precision);
        if (comma) text = Grouped(text);
        if (PyNumbers.IsNumber(value) && sign != '-' && !text.StartsWith('-')) text = sign + text;
        int missing = width - (int)PyText.Length(text);
        if (missing <= 0) return text;
        if (align == '=') return text.StartsWith('-') || text.StartsWith('+') ? text[0] + new string(fill, missing) + text[1..] : new string(fill, missing) + text;
        int left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
        return new string(fill, left) + text + new string(fill, missing - left);
    }

    private static string PercentField(char kind, object? value, int precision, string flag)
    {
        switch (kind)
        {
            case 's': return Cut(Py.Text(value), precision);
            case 'r' or 'a': return Cut(PyRepr.Repr(value, new PyDepth()), precision);
            case 'c' when value is string text: return text;
        }
        if (!PyNumbers.IsNumber(value)) throw Py.TypeError($"%{kind} format: a real number is required, not {Py.TypeName(value)}");
        string number = Number(kind is 'i' or 'u' ? 'd' : kind, value is double d && kind is 'd' or 'i' or 'u' ? PyNumbers.Fit(new BigInteger(Math.Truncate((double)value!))) : value, precision);
        return number.StartsWith('-') ? number : flag.Contains('+') ? "+" + number : flag.Contains(' ') ? " " + number : number;
    }

    private static string Number(char kind, object? value, int precision)
    {
        if (!PyNumbers.IsNumber(value)) throw Py.ValueError($"Unknown format code '{kind}' for object of type '{Py.TypeName(value)}'");
        CultureInfo c = CultureInfo.InvariantCulture;
        double real = PyNumbers.Double(value!);
        int digits = Math.Min(precision < 0 ? 6 : precision, 100);
        switch (kind)
        {
            case 'd' or 'x' or 'X' or 'o' or 'b' or 'c' or 'n':
                if (!PyNumbers.IsInteger(value)) throw Py.ValueError($"Unknown format code '{kind}' for object of type 'float'");
                BigInteger whole = PyNumbers.Big(value!);
                return kind switch
                {
                    'x' => Radix(whole, 16),
                    'X' => Radix(whole, 16).ToUpperInvariant(),
                    'o' => Radix(whole, 8),
                    'b' => Radix(whole, 2),
                    _ => whole.ToString(c),
                };
            case 'f' or 'F': return real.ToString("F" + digits, c);
            case '%': return (real * 100).ToString("F" + digits, c) + "%";
            case 'e' or 'E':
                return real.ToString((kind == 'e' ? "0." : "0.") + new string('0', digits) + (kind == 'e' ? "e+00" : "E+00"), c);
            case 'g' or 'G': return General(real, Math.Max(1, digits));
            default: throw Py.ValueError($"Unknown format code '{kind}' for object of type '{Py.TypeName(value)}'");
        }
    }

    private static string General(double value, int digits)
    {
        string scientific = value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture);
        int e = scientific.IndexOf('E');
        int exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= digits)
        {
            string mantissa = scientific[..e];
            if (mantissa.Contains('.')) mantissa = mantissa.TrimEnd('0').TrimEnd('.');
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        string fixedPoint = value.ToString("F" + Math.Max(0, digits - 1 - exponent), CultureInfo.InvariantCulture);
        return fixedPoint.Contains('.') ? fixedPoint.TrimEnd('0').TrimEnd('.') : fixedPoint;
    }

    private static string Radix(BigInteger value, int radix)
    {
        if (value.IsZero) return "0";
        var digits = new StringBuilder();
        for (BigInteger rest = BigInteger.Abs(value); !rest.IsZero; rest /= radix) digits.Insert(0, "0123456789abcdef"[(int)(rest % radix)]);
        return (value.Sign < 0 ? "-" : "") + digits;
    }

    private static string Grouped(string number)
    {
        int start = number.StartsWith('-') ? 1 : 0, end = number.IndexOf('.') is >= 0 and int point ? point : number.Length;
        var result = new StringBuilder(number);
        for (int i = end - 3; i > start; i -= 3) result.Insert(i, ',');
        return result.ToString();
    }

    private static string Cut(string text, int length) => length < 0 ? text : text[..PyText.Position(text, length)];

    private static string PadZero(string number, int width)
        => number.Length > 0 && number[0] is '-' or '+' ? number[0] + number[1..].PadLeft(Math.Max(0, width - 1), '0') : number.PadLeft(Math.Max(0, width), '0');

    private static int ReadNumber(string text, ref int at)
    {
        int start = at, value = 0;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            value = value * 10 + text[at] - '0';
            if (value > WidestField) throw Py.ValueError($"a field wider than {WidestField}");
        }
        return at == start ? -1 : value;
    }
}
