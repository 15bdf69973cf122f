using System.Text;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>The longer filters on text.</summary>
internal static class TextFilters
{
    public static string Escape(string text) => text.Replace("&", "&amp;").Replace(">", "&gt;").Replace("<", "&lt;").Replace("'", "&#39;").Replace("\"", "&#34;");

    /// <summary>Capitals after white space, hyphens and opening brackets; the rest small.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        bool start = true;
        foreach (object? item in PyText.Characters(text))
        {
            string character = (string)item!;
            bool separates = character.Length == 1 && (TemplateLexer.IsSpace(character[0]) || "-({[<".Contains(character[0]));
            result.Append(separates ? character : start ? PyText.Upper(character) : PyText.Lower(character));
            start = separates;
        }
        return result.ToString();
    }

    /// <summary>Runs of letters, digits and underscores.</summary>
    public static object WordCount(string text)
    {
        long words = 0;
        bool inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool word = rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetNumericValue(rune) >= 0;
            if (word && !inWord) words++;
            inWord = word;
        }
        return words;
    }

    public static string StripTags(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] != '<' ? -1
                : string.CompareOrdinal(text, i, "<!--", 0, 4) == 0 ? text.IndexOf("-->", i + 4, StringComparison.Ordinal) is >= 0 and int comment ? comment + 2 : -1
                : text.IndexOf('>', i);
            if (text[i] == '<' && end < 0) return Joined(result.Append(text, i, text.Length - i).ToString());
            if (end >= 0) i = end;
            else result.Append(text[i]);
        }
        return Joined(result.ToString());

        static string Joined(string plain) => Unescape(string.Join(' ', plain.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

        static string Unescape(string plain) => plain.Replace("&lt;", "<").Replace("&gt;", ">").Replace("&#39;", "'").Replace("&#34;", "\"").Replace("&quot;", "\"").Replace("&amp;", "&");
    }

    public static string UrlEncode(object? value)
    {
        if (value is string or not (PyDict or PyList or PyTuple)) return Quote(Py.Text(value), "/");
        IEnumerable<object?> pairs = value is PyDict dict ? dict.Items.Select(item => (object?)new PyTuple([item.Key, item.Value])) : Py.Iterate(value);
        return string.Join('&', pairs.Select(pair =>
        {
            List<object?> two = [.. Py.Iterate(pair)];
            if (two.Count != 2) throw Py.ValueError($"not enough values to unpack (expected 2, got {two.Count})");
            return $"{Quote(Py.Text(two[0]), "").Replace("%20", "+")}={Quote(Py.Text(two[1]), "").Replace("%20", "+")}";
        }));

        static string Quote(string text, string safe)
        {
            var result = new StringBuilder();
            foreach (byte b in System.Text.Encoding.UTF8.GetBytes(text))
            {
                if (char.IsAsciiLetterOrDigit((char)b) || "-._~".Contains((char)b) || safe.Contains((char)b)) result.Append((char)b);
                else result.Append($"%{b:X2}");
            }
            return result.ToString();
        }
    }

    public static object? Indent(Arguments arguments)
    {
        string text = Filters.Value(arguments) switch
        {
            string value => value,
            Undefined undefined => throw undefined.Error(),
            PyList => throw TextErrors.TemplateFailed("AttributeError", "'list' object has no attribute 'splitlines'"),
            var other => throw Py.TypeError($"unsupported operand type(s) for +=: '{Py.TypeName(other)}' and 'str'"),
        };
        object? width = arguments.Optional(1, "width", 4L);
        bool first = arguments.Flag(2, "first", false), blank = arguments.Flag(3, "blank", false);
        long spaces = width is string ? 0 : PyNumbers.Long(width ?? 4L);
        if (width is not string) arguments.Budget.Charge(spaces);
        string indent = width as string ?? new string(' ', (int)Math.Max(0, spaces));
        List<object?> lines = Splitting.Lines(text + "\n", false, arguments.Budget).Items;
        var result = new StringBuilder();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = (string)lines[i]!;
            arguments.Budget.Charge(indent.Length + line.Length);
            if (i > 0) result.Append('\n');
            if (i == 0 ? first : blank || line.Length > 0) result.Append(indent);
            result.Append(line);
        }
        return result.ToString();
    }

    public static object? Truncate(Arguments arguments)
    {
        object? value = Filters.Value(arguments);
        string end = arguments.Text(3, "end", "...");
        long length = arguments.Integer(1, "length", 255), leeway = arguments.Optional(4, "leeway") is null ? 5 : arguments.Integer(4, "leeway");
        if (length < PyText.Length(end)) throw TextErrors.TemplateFailed("AssertionError", $"expected length >= {PyText.Length(end)}, got {length}");
        if (Py.Length(value) <= length + leeway) return value;
        if (value is not string text) throw Py.TypeError($"cannot truncate a value of the type {Py.TypeName(value)}");
        string cut = text[..PyText.Position(text, length - PyText.Length(end))];
        if (!arguments.Flag(2, "killwords", false) && cut.LastIndexOf(' ') is >= 0 and int space) cut = cut[..space];
        return cut + end;
    }

    /// <summary>Wraps at white space, breaking longer words unless told not to.</summary>
    public static object? WordWrap(Arguments arguments)
    {
        string text = Filters.Value(arguments) switch
        {
            string value => value,
            Undefined undefined => throw undefined.Error(),
            var other => throw TextErrors.TemplateFailed("AttributeError", $"'{Py.TypeName(other)}' object has no attribute 'splitlines'"),
        };
        int width = (int)Math.Clamp(arguments.Integer(1, "width", 79), 1, 1_000_000);
        bool breakWords = arguments.Flag(2, "break_long_words", true);
        string separator = arguments.Optional(3, "wrapstring") as string ?? "\n";
        var lines = new List<string>();
        foreach (object? line in Splitting.Lines(text, false, arguments.Budget).Items)
        {
            int before = lines.Count;
            string current = "";
            foreach (object? item in Splitting.Split((string)line!, null, -1, arguments.Budget).Items)
            {
                string word = (string)item!;
                if (current.Length > 0 && current.Length + 1 + word.Length > width)
                {
                    lines.Add(current);
                    current = "";
                }
                for (; breakWords && word.Length > width; word = word[width..]) lines.Add(word[..width]);
                current = current.Length == 0 ? word : current + " " + word;
            }
            if (current.Length > 0 || lines.Count == before) lines.Add(current);
        }
        arguments.Budget.Charge(text.Length + (long)lines.Count * separator.Length);
        return string.Join(separator, lines);
    }
}
