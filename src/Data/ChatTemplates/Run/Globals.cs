using System.Globalization;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    private const long LongestRange = 100_000;

    public static void AddTo(Scope scope)
    {
        Add("raise_exception", arguments => throw TextErrors.TemplateRaised(Py.Text(arguments.Required(0, "message"))));
        Add("strftime_now", arguments => Format(arguments.Renderer.Now, arguments.Text(0, "format"), arguments.Budget));
        Add("namespace", Namespace);
        Add("dict", arguments => Fill(new PyDict(), arguments));
        Add("range", Range);
        Add("cycler", arguments => arguments.Positional.Count > 0 ? new PyCycler(arguments.Positional)
            : throw TextErrors.TemplateFailed("RuntimeError", "at least one item has to be provided"));
        Add("joiner", arguments => new PyJoiner(arguments.Optional(0, "sep", ", ")));

        void Add(string name, Func<Arguments, object?> body) => scope[name] = new PyFunction(name, body);
    }

    private static PyNamespace Namespace(Arguments arguments)
    {
        var result = new PyNamespace();
        Fill(result.Attributes, arguments);
        return result;
    }

    private static PyDict Fill(PyDict dict, Arguments arguments)
    {
        if (arguments.Positional.Count > 0)
        {
            object? source = arguments.Positional[0];
            if (source is PyDict other)
                foreach ((object? key, object? value) in other.Items) dict[key] = value;
            else
                foreach (object? pair in Py.Iterate(source))
                {
                    List<object?> two = [.. Py.Iterate(pair)];
                    if (two.Count != 2) throw Py.ValueError($"dictionary update sequence element has length {two.Count}; 2 is required");
                    dict[two[0]] = two[1];
                }
        }
        foreach ((string name, object? value) in arguments.Named) dict[name] = value;
        return dict;
    }

    private static PyRange Range(Arguments arguments)
    {
        long first = arguments.Integer(0, "start");
        PyRange range = arguments.Positional.Count == 1 ? new PyRange(0, first, 1)
            : new PyRange(first, arguments.Integer(1, "stop"), arguments.Integer(2, "step", 1));
        if (range.Step == 0) throw Py.ValueError("range() arg 3 must not be zero");
        Int128 span = Int128.Abs((Int128)range.Stop - range.Start);
        if (span > long.MaxValue / 2 || range.Count > LongestRange)
            throw TextErrors.TemplateFailed("OverflowError", $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({LongestRange}).");
        return range;
    }

    /// <summary>strftime in the C locale.</summary>
    private static string Format(DateTime now, string format, Budget budget)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool unpadded = format[i + 1] == '-' && i + 2 < format.Length;
            char code = format[i += unpadded ? 2 : 1];
            string part = code switch
            {
                'Y' => now.Year.ToString(c), 'y' => now.ToString("yy", c), 'm' => now.ToString("MM", c), 'd' => now.ToString("dd", c),
                'H' => now.ToString("HH", c), 'M' => now.ToString("mm", c), 'S' => now.ToString("ss", c), 'I' => now.ToString("hh", c),
                'p' => now.ToString("tt", c), 'b' or 'h' => now.ToString("MMM", c), 'B' => now.ToString("MMMM", c),
                'a' => now.ToString("ddd", c), 'A' => now.ToString("dddd", c), 'j' => now.DayOfYear.ToString("000", c),
                'e' => now.Day.ToString(c).PadLeft(2), 'f' => now.ToString("ffffff", c), 'F' => now.ToString("yyyy-MM-dd", c),
                'T' => now.ToString("HH:mm:ss", c), 'R' => now.ToString("HH:mm", c), 'D' => now.ToString("MM/dd/yy", c),
                'u' => (now.DayOfWeek == 0 ? 7 : (int)now.DayOfWeek).ToString(c), 'w' => ((int)now.DayOfWeek).ToString(c),
                'x' => now.ToString("MM/dd/yy", c), 'X' => now.ToString("HH:mm:ss", c), 'c' => $"{now.ToString("ddd MMM", c)} {now.Day,2} {now.ToString("HH:mm:ss yyyy", c)}",
                'n' => "\n", 't' => "\t", '%' => "%", 'z' or 'Z' => "",
                _ => "%" + code,
            };
            text.Append(unpadded && part.Length > 1 ? part.TrimStart('0', ' ') is "" ? "0" : part.TrimStart('0', ' ') : part);
        }
        return budget.Charged(text.ToString());
    }
}
