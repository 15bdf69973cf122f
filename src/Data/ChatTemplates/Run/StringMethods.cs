using System.Globalization;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>The methods of str.</summary>
internal static class StringMethods
{
    public static readonly Dictionary<string, Func<string, Arguments, object?>> All = new()
    {
        ["strip"] = (s, a) => PyText.Strip(s, a.TextOrNone(0, "chars"), true, true),
        ["lstrip"] = (s, a) => PyText.Strip(s, a.TextOrNone(0, "chars"), true, false),
        ["rstrip"] = (s, a) => PyText.Strip(s, a.TextOrNone(0, "chars"), false, true),
        ["upper"] = (s, a) => a.Budget.Charged(PyText.Upper(s)),
        ["lower"] = (s, a) => a.Budget.Charged(PyText.Lower(s)),
        ["casefold"] = (s, a) => a.Budget.Charged(PyText.Fold(s)),
        ["capitalize"] = (s, a) => a.Budget.Charged(PyText.Capitalize(s)),
        ["title"] = (s, a) => a.Budget.Charged(PyText.Title(s)),
        ["swapcase"] = (s, a) => a.Budget.Charged(string.Concat(PyText.Characters(s).Select(c => PyText.Upper((string)c!) is string upper && upper != (string)c! ? upper : PyText.Lower((string)c!)))),
        ["split"] = (s, a) => Splitting.Split(s, a.TextOrNone(0, "sep"), a.Integer(1, "maxsplit", -1), a.Budget),
        ["rsplit"] = (s, a) => Splitting.SplitRight(s, a.TextOrNone(0, "sep"), a.Integer(1, "maxsplit", -1), a.Budget),
        ["splitlines"] = (s, a) => Splitting.Lines(s, a.Flag(0, "keepends", false), a.Budget),
        ["partition"] = (s, a) => Splitting.Partition(s, a.Text(0, "sep"), false),
        ["rpartition"] = (s, a) => Splitting.Partition(s, a.Text(0, "sep"), true),
        ["startswith"] = (s, a) => Affixes(a).Any(affix => Part(s, a).StartsWith(affix, StringComparison.Ordinal)),
        ["endswith"] = (s, a) => Affixes(a).Any(affix => Part(s, a).EndsWith(affix, StringComparison.Ordinal)),
        ["find"] = (s, a) => Find(s, a, false),
        ["rfind"] = (s, a) => Find(s, a, true),
        ["index"] = (s, a) => Find(s, a, false) is >= 0 and long at ? at : throw Py.ValueError("substring not found"),
        ["rindex"] = (s, a) => Find(s, a, true) is >= 0 and long at ? at : throw Py.ValueError("substring not found"),
        ["count"] = (s, a) => Count(Part(s, a), a.Text(0, "sub")),
        ["replace"] = (s, a) => Replace(s, a.Text(0, "old"), a.Text(1, "new"), a.Integer(2, "count", -1), a.Budget),
        ["join"] = (s, a) => Join(s, a.Required(0, "iterable"), a.Budget),
        ["format"] = (s, a) => PyFormat.Format(s, a),
        ["removeprefix"] = (s, a) => a.Text(0, "prefix") is string prefix && s.StartsWith(prefix, StringComparison.Ordinal) ? s[prefix.Length..] : s,
        ["removesuffix"] = (s, a) => a.Text(0, "suffix") is { Length: > 0 } suffix && s.EndsWith(suffix, StringComparison.Ordinal) ? s[..^suffix.Length] : s,
        ["zfill"] = (s, a) => s.StartsWith('-') || s.StartsWith('+') ? s[0] + Pad(s[1..], a.Integer(0, "width") - 1, "0", 1, a.Budget) : Pad(s, a.Integer(0, "width"), "0", 1, a.Budget),
        ["center"] = (s, a) => Pad(s, a.Integer(0, "width"), a.Text(1, "fillchar", " "), 0.5, a.Budget),
        ["ljust"] = (s, a) => Pad(s, a.Integer(0, "width"), a.Text(1, "fillchar", " "), 0, a.Budget),
        ["rjust"] = (s, a) => Pad(s, a.Integer(0, "width"), a.Text(1, "fillchar", " "), 1, a.Budget),
        ["expandtabs"] = (s, a) => ExpandTabs(s, a.Integer(0, "tabsize", 8), a.Budget),
        ["isspace"] = (s, _) => s.Length > 0 && s.All(TemplateLexer.IsSpace),
        ["isdigit"] = (s, _) => AllRunes(s, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber || rune.Value is 0xB2 or 0xB3 or 0xB9 or 0x2070 or >= 0x2074 and <= 0x2079 or >= 0x2080 and <= 0x2089),
        ["isdecimal"] = (s, _) => AllRunes(s, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber),
        ["isnumeric"] = (s, _) => AllRunes(s, rune => Rune.GetNumericValue(rune) >= 0),
        ["isalpha"] = (s, _) => AllRunes(s, Rune.IsLetter),
        ["isalnum"] = (s, _) => AllRunes(s, rune => Rune.IsLetter(rune) || Rune.GetNumericValue(rune) >= 0),
        ["isupper"] = (s, _) => PyText.IsCased(s) && PyText.Upper(s) == s,
        ["islower"] = (s, _) => PyText.IsCased(s) && PyText.Lower(s) == s,
        ["istitle"] = (s, _) => PyText.IsCased(s) && PyText.Title(s) == s,
        ["isascii"] = (s, _) => Ascii.IsValid(s),
        ["isidentifier"] = (s, _) => s.Length > 0 && !char.IsAsciiDigit(s[0]) && AllRunes(s, rune => rune.Value == '_' || Rune.IsLetterOrDigit(rune)),
    };

    public static string Replace(string text, string old, string replacement, long count, Budget budget)
    {
        if (count < 0) count = long.MaxValue;
        budget.Charge(text.Length);
        var result = new StringBuilder();
        int at = 0;
        if (old.Length == 0)
        {
            foreach (object? character in PyText.Characters(text))
            {
                if (count-- > 0) Append(replacement);
                result.Append((string)character!);
            }
            if (count > 0) Append(replacement);
            return result.ToString();
        }
        for (int next; count > 0 && (next = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; count--)
        {
            result.Append(text, at, next - at);
            Append(replacement);
            at = next + old.Length;
        }
        return result.Append(text, at, text.Length - at).ToString();

        void Append(string part)
        {
            budget.Charge(part.Length);
            result.Append(part);
        }
    }

    public static string Join(string separator, object? values, Budget budget)
    {
        var result = new StringBuilder();
        int i = 0;
        foreach (object? value in Py.Iterate(values))
        {
            string text = value as string ?? throw Py.TypeError($"sequence item {i}: expected str instance, {Py.TypeName(value)} found");
            budget.Charge((long)text.Length + separator.Length);
            if (i++ > 0) result.Append(separator);
            result.Append(text);
        }
        return result.ToString();
    }

    /// <summary>Pads to a width in code points; <paramref name="before"/> is the share of the padding in front (centre: as str.center rounds).</summary>
    public static string Pad(string text, long width, string fill, double before, Budget budget)
    {
        if (PyText.Length(fill) != 1) throw Py.TypeError("The fill character must be exactly one character long");
        long missing = width - PyText.Length(text);
        if (missing <= 0) return text;
        budget.Charge(text.Length + (missing > int.MaxValue / 4 ? long.MaxValue / 4 : missing * fill.Length));
        long left = before == 0.5 ? missing / 2 + (missing & width & 1) : before == 1 ? missing : 0;
        return new StringBuilder().Insert(0, fill, (int)left).Append(text).Insert(PyLength(left, fill) + text.Length, fill, (int)(missing - left)).ToString();
    }

    private static string ExpandTabs(string text, long size, Budget budget)
    {
        var result = new StringBuilder();
        long column = 0;
        foreach (char c in text)
        {
            if (c == '\t')
            {
                long spaces = size > 0 ? size - column % size : 0;
                budget.Charge(spaces);
                result.Append(' ', (int)spaces);
                column += spaces;
                continue;
            }
            result.Append(c);
            if (c is '\n' or '\r') column = 0;
            else if (!char.IsLowSurrogate(c)) column++;
        }
        return budget.Charged(result.ToString());
    }

    private static int PyLength(long count, string fill) => (int)count * fill.Length;

    private static bool AllRunes(string text, Func<Rune, bool> test)
    {
        foreach (Rune rune in text.EnumerateRunes())
            if (!test(rune)) return false;
        return text.Length > 0;
    }

    private static IEnumerable<string> Affixes(Arguments arguments) => arguments.Required(0, "prefix") switch
    {
        string one => [one],
        PyTuple several => several.Items.Select(item => item as string ?? throw Py.TypeError($"tuple for startswith must only contain str, not {Py.TypeName(item)}")),
        Undefined undefined => throw undefined.Error(),
        var other => throw Py.TypeError($"{arguments.Function} first arg must be str or a tuple of str, not {Py.TypeName(other)}"),
    };

    /// <summary>The part of the text between the optional second and third argument.</summary>
    private static string Part(string text, Arguments arguments)
        => arguments.Positional.Count < 2 ? text
            : (string)Slicing.Slice(text, arguments.Positional[1], arguments.Optional(2, "end"), null, arguments.Budget)!;

    private static long Find(string text, Arguments arguments, bool last)
    {
        string sought = arguments.Text(0, "sub"), part = Part(text, arguments);
        long at = PyText.Index(part, last ? part.LastIndexOf(sought, StringComparison.Ordinal) : part.IndexOf(sought, StringComparison.Ordinal));
        if (at < 0 || arguments.Positional.Count < 2 || arguments.Positional[1] is null) return at;
        long start = arguments.Integer(1, "start"), length = PyText.Length(text);
        return at + Math.Clamp(start < 0 ? start + length : start, 0, length);
    }

    private static long Count(string text, string sought)
    {
        if (sought.Length == 0) return PyText.Length(text) + 1;
        long count = 0;
        for (int at = 0; (at = text.IndexOf(sought, at, StringComparison.Ordinal)) >= 0; at += sought.Length) count++;
        return count;
    }
}
