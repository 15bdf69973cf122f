using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>Strings as sequences of code points.</summary>
internal static class PyText
{
    public static long Length(string text)
    {
        int length = text.Length;
        for (int i = 0; i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text[i], text[i + 1]))
            {
                length--;
                i++;
            }
        return length;
    }

    public static IEnumerable<object?> Characters(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            yield return pair ? text.Substring(i++, 2) : text[i].ToString();
        }
    }

    public static bool IsPlain(string text)
    {
        foreach (char c in text)
            if (char.IsSurrogate(c)) return false;
        return true;
    }

    /// <summary>-1, 0 or 1 by code points, whose order differs from that of UTF-16 units.</summary>
    public static int Compare(string a, string b)
    {
        int i = 0;
        while (i < a.Length && i < b.Length && a[i] == b[i]) i++;
        if (i == a.Length || i == b.Length) return a.Length.CompareTo(b.Length);
        bool left = char.IsSurrogate(a[i]), right = char.IsSurrogate(b[i]);
        return left != right ? left ? 1 : -1 : a[i] < b[i] ? -1 : 1;
    }

    /// <summary>UTF-16 position of a code-point index.</summary>
    public static int Position(string text, long index)
    {
        int at = 0;
        for (; index > 0 && at < text.Length; index--) at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at;
    }

    /// <summary>Code-point index of a UTF-16 position; negative ones stay.</summary>
    public static long Index(string text, int position) => position < 0 ? position : Length(text[..position]);

    public static string Strip(string text, string? characters, bool start, bool end)
    {
        int from = 0, to = text.Length;
        if (start)
            while (from < to && Strips(text, from, characters)) from++;
        if (end)
            while (to > from && Strips(text, to - 1, characters)) to--;
        return text[from..to];
    }

    public static string Upper(string text)
    {
        string simple = text.ToUpperInvariant();
        foreach (char c in text)
            if (PyCasing.Upper.ContainsKey(c)) return Expand(text);
        return simple;

        static string Expand(string text)
        {
            var result = new StringBuilder();
            foreach (char c in text) result.Append(PyCasing.Upper.TryGetValue(c, out string? upper) ? upper : char.ToUpperInvariant(c).ToString());
            return result.ToString();
        }
    }

    public static string Lower(string text)
    {
        if (!text.Contains('\u03A3') && !text.Contains('\u0130')) return text.ToLowerInvariant();
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u0130') result.Append("i\u0307");
            else if (text[i] == '\u03A3') result.Append(IsCasedBefore(text, i) && !IsCasedAfter(text, i) ? '\u03C2' : '\u03C3');
            else result.Append(char.ToLowerInvariant(text[i]));
        }
        return result.ToString();
    }

    /// <summary>str.casefold: small letters, and what has a longer capital form spelled out.</summary>
    public static string Fold(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text) result.Append(PyCasing.Upper.TryGetValue(c, out string? upper) ? upper.ToLowerInvariant() : c == '\u03C2' ? "\u03C3" : char.ToLowerInvariant(c).ToString());
        return result.ToString();
    }

    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        int first = char.IsSurrogate(text[0]) && text.Length > 1 ? 2 : 1;
        return TitleFirst(text[..first]) + Lower(text)[Lower(text[..first]).Length..];
    }

    /// <summary>str.title(): every letter after a character without case is capital.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        bool inWord = false;
        foreach (object? item in Characters(text))
        {
            string character = (string)item!;
            result.Append(inWord ? Lower(character) : TitleFirst(character));
            inWord = IsCased(character);
        }
        return result.ToString();
    }

    public static bool IsCased(string character) => Upper(character) != character || Lower(character) != character;

    private static string TitleFirst(string character)
        => character.Length == 1 && PyCasing.Title.TryGetValue(character[0], out string? title) ? title : Upper(character);

    private static bool Strips(string text, int at, string? characters)
        => characters is null ? TemplateLexer.IsSpace(text[at]) : characters.Contains(text[at]);

    private static bool IsCasedBefore(string text, int at)
    {
        for (int i = at - 1; i >= 0; i--)
            if (!IsIgnorable(text[i])) return IsCased(text[i].ToString());
        return false;
    }

    private static bool IsCasedAfter(string text, int at)
    {
        for (int i = at + 1; i < text.Length; i++)
            if (!IsIgnorable(text[i])) return IsCased(text[i].ToString());
        return false;
    }

    private static bool IsIgnorable(char c) => c is '\'' or '.' or ':' or '\u00AD' or '\u00B7' or '\u2019'
        || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.Format;
}
