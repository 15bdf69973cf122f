using System.Globalization;
using System.Numerics;

namespace MmKernels.Data.ChatTemplates;

/// <summary>The filters; those that walk over sequences are in <see cref="SequenceFilters"/>.</summary>
internal static class Filters
{
    public static readonly Dictionary<string, Func<Arguments, object?>> All = new()
    {
        ["trim"] = a => PyText.Strip(Text(a), a.TextOrNone(1, "chars"), true, true),
        ["upper"] = a => a.Budget.Charged(PyText.Upper(Text(a))),
        ["lower"] = a => a.Budget.Charged(PyText.Lower(Text(a))),
        ["capitalize"] = a => a.Budget.Charged(PyText.Capitalize(Text(a))),
        ["title"] = a => a.Budget.Charged(TextFilters.Title(Text(a))),
        ["string"] = a => a.Budget.Charged(Text(a)),
        ["safe"] = a => Text(a),
        ["e"] = a => a.Budget.Charged(TextFilters.Escape(Text(a))),
        ["escape"] = a => a.Budget.Charged(TextFilters.Escape(Text(a))),
        ["forceescape"] = a => a.Budget.Charged(TextFilters.Escape(Text(a))),
        ["striptags"] = a => TextFilters.StripTags(Text(a)),
        ["urlencode"] = a => a.Budget.Charged(TextFilters.UrlEncode(Value(a))),
        ["replace"] = a => StringMethods.Replace(Text(a), Py.Text(a.Required(1, "old")), Py.Text(a.Required(2, "new")), a.Optional(3, "count") is null ? -1 : a.Integer(3, "count"), a.Budget),
        ["format"] = a => PyFormat.Percent(Text(a), a.Named.Count > 0 ? Mapping(a) : new PyTuple([.. a.Positional.Skip(1)]), a.Budget),
        ["indent"] = TextFilters.Indent,
        ["wordcount"] = a => TextFilters.WordCount(Text(a)),
        ["center"] = a => StringMethods.Pad(Text(a), a.Integer(1, "width", 80), " ", 0.5, a.Budget),
        ["truncate"] = TextFilters.Truncate,
        ["wordwrap"] = TextFilters.WordWrap,
        ["tojson"] = PyJson.Dump,
        ["abs"] = Abs,
        ["round"] = Round,
        ["int"] = Integer,
        ["float"] = Float,
        ["default"] = Default,
        ["d"] = Default,
        ["attr"] = a => Attributes.Get(Value(a), a.Text(1, "name"), a.Renderer),
        ["length"] = a => Py.Length(Value(a)),
        ["count"] = a => Py.Length(Value(a)),
        ["list"] = a => new PyList(SequenceFilters.Collect(Value(a), a.Budget)),
        ["items"] = SequenceFilters.Items,
        ["dictsort"] = SequenceFilters.DictSort,
        ["first"] = SequenceFilters.First,
        ["last"] = SequenceFilters.Last,
        ["join"] = SequenceFilters.Join,
        ["sort"] = SequenceFilters.Sort,
        ["unique"] = SequenceFilters.Unique,
        ["reverse"] = SequenceFilters.Reverse,
        ["min"] = a => SequenceFilters.Extreme(a, -1),
        ["max"] = a => SequenceFilters.Extreme(a, 1),
        ["sum"] = SequenceFilters.Sum,
        ["batch"] = SequenceFilters.Batch,
        ["slice"] = SequenceFilters.Slice,
        ["groupby"] = SequenceFilters.GroupBy,
        ["map"] = SequenceFilters.Map,
        ["select"] = a => SequenceFilters.Choose(a, false, true),
        ["reject"] = a => SequenceFilters.Choose(a, false, false),
        ["selectattr"] = a => SequenceFilters.Choose(a, true, true),
        ["rejectattr"] = a => SequenceFilters.Choose(a, true, false),
    };

    public static object? Value(Arguments arguments) => arguments.Required(0, "value");

    private static string Text(Arguments arguments) => Py.Text(Value(arguments));

    private static PyDict Mapping(Arguments arguments)
    {
        var mapping = new PyDict();
        foreach ((string name, object? value) in arguments.Named) mapping[name] = value;
        return mapping;
    }

    private static object Number(Arguments arguments) => Value(arguments) switch
    {
        Undefined undefined => throw undefined.Error(),
        object value when PyNumbers.IsNumber(value) => value,
        var other => throw Py.TypeError($"bad operand type for {arguments.Function}(): '{Py.TypeName(other)}'"),
    };

    private static object Abs(Arguments arguments)
    {
        object value = Number(arguments);
        return PyNumbers.Compare(value, 0L) < 0 ? PyNumbers.Negate(value) : value is bool b ? b ? 1L : 0L : value;
    }

    /// <summary>Python's round: half to even on the exact decimal value, always a float for the methods ceil and floor.</summary>
    private static object Round(Arguments arguments)
    {
        object value = Number(arguments);
        long precision = arguments.Integer(1, "precision", 0);
        string method = arguments.Text(2, "method", "common");
        if (method is not ("common" or "ceil" or "floor")) throw Py.ValueError("method must be common, ceil or floor");
        double number = PyNumbers.Double(value), scale = Math.Pow(10, precision);
        if (method == "ceil") return Math.Ceiling(number * scale) / scale;
        if (method == "floor") return Math.Floor(number * scale) / scale;
        if (PyNumbers.IsInteger(value) && precision >= 0) return value is bool b ? b ? 1L : 0L : value;
        if (!double.IsFinite(number) || precision > 300) return number;
        if (precision < 0) return Math.Round(number * scale, MidpointRounding.ToEven) / scale;
        return RoundToEven(number, (int)precision);
    }

    /// <summary>Rounds the exact binary value to so many decimals.</summary>
    private static double RoundToEven(double number, int decimals)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)(bits >> 52 & 0x7FF);
        BigInteger mantissa = exponent == 0 ? bits & 0xFFFFFFFFFFFFF : bits & 0xFFFFFFFFFFFFF | 1L << 52;
        exponent = Math.Max(exponent, 1) - 1075;
        if (exponent >= 0) return number;
        BigInteger quotient = BigInteger.DivRem(mantissa * BigInteger.Pow(10, decimals), BigInteger.One << -exponent, out BigInteger rest);
        int order = (rest * 2).CompareTo(BigInteger.One << -exponent);
        if (order > 0 || order == 0 && !quotient.IsEven) quotient++;
        double result = double.Parse($"{quotient}e-{decimals}", CultureInfo.InvariantCulture);
        return number < 0 ? -result : result;
    }

    private static object? Integer(Arguments arguments)
    {
        object? fallback = arguments.Optional(1, "default", 0L);
        switch (Value(arguments))
        {
            case Undefined undefined: throw undefined.Error();
            case double d: return double.IsFinite(d) ? PyNumbers.Fit(new BigInteger(Math.Truncate(d))) : fallback;
            case bool b: return b ? 1L : 0L;
            case long or BigInteger: return Value(arguments);
            case string text:
                int radix = (int)Math.Clamp(arguments.Integer(2, "base", 10), 2, 36);
                object? parsed = ParseInteger(PyText.Strip(text, null, true, true).Replace("_", ""), radix);
                if (parsed is not null) return parsed;
                return TryFloat(text, out double value) && double.IsFinite(value) ? PyNumbers.Fit(new BigInteger(Math.Truncate(value))) : fallback;
            default: return fallback;
        }
    }

    private static object? ParseInteger(string text, int radix)
    {
        bool negative = text.StartsWith('-');
        if (negative || text.StartsWith('+')) text = text[1..];
        if (radix == 16 && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || radix == 8 && text.StartsWith("0o", StringComparison.OrdinalIgnoreCase)
            || radix == 2 && text.StartsWith("0b", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        if (text.Length is 0 or > 4000) return null;
        BigInteger value = 0;
        foreach (char c in text)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= radix) return null;
            value = value * radix + digit;
        }
        return PyNumbers.Fit(negative ? -value : value);
    }

    private static object? Float(Arguments arguments) => Value(arguments) switch
    {
        Undefined undefined => throw undefined.Error(),
        string text => TryFloat(text, out double value) ? value : arguments.Optional(1, "default", 0.0),
        object value when PyNumbers.IsNumber(value) => PyNumbers.Double(value),
        _ => arguments.Optional(1, "default", 0.0),
    };

    private static bool TryFloat(string text, out double value)
    {
        text = PyText.Strip(text, null, true, true).Replace("_", "");
        string lower = text.ToLowerInvariant().TrimStart('+', '-');
        if (lower is "inf" or "infinity" or "nan")
        {
            value = lower == "nan" ? double.NaN : text.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
            | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && text.AsSpan().IndexOfAnyInRange('0', '9') >= 0;
    }

    private static object? Default(Arguments arguments)
    {
        object? value = Value(arguments);
        bool absent = value is Undefined || arguments.Flag(2, "boolean", false) && !Py.IsTrue(value);
        return absent ? arguments.Optional(1, "default_value", "") : value;
    }
}
