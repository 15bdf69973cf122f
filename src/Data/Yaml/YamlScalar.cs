using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MmKernels.Data;

/// <summary>Scalars: types of plain ones as PyYAML's resolver gives them (with OmegaConf's floats: 1e-5 is a number), and quoted ones.</summary>
internal static partial class YamlScalar
{
    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9_]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))([eE][-+]?[0-9]+)?$")]
    private static partial Regex Real();

    /// <summary>Writes a plain scalar with its type.</summary>
    public static void WritePlain(string text, Utf8JsonWriter json)
    {
        switch (text)
        {
            case "~" or "null" or "Null" or "NULL": json.WriteNullValue(); return;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON": json.WriteBooleanValue(true); return;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF": json.WriteBooleanValue(false); return;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF": json.WriteStringValue("Infinity"); return;
            case "-.inf" or "-.Inf" or "-.INF": json.WriteStringValue("-Infinity"); return;
            case ".nan" or ".NaN" or ".NAN": json.WriteStringValue("NaN"); return;
        }
        bool isNumber = text.Length < 400 && (Integer().IsMatch(text) || Real().IsMatch(text));
        string digits = isNumber ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (isNumber && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer)) json.WriteNumberValue(integer);
        else if (isNumber && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)) json.WriteNumberValue(real);
        else json.WriteStringValue(text);
    }

    /// <summary>The text of a key, or null where it is no plain or quoted text.</summary>
    public static string? Key(string text)
    {
        if (text.Length == 0) return null;
        if (text[0] is not ('"' or '\'')) return text;
        return EndOfQuoted(text, 0) == text.Length ? Unquote(text) : null;
    }

    /// <summary>The position behind the closing quote of the text that opens at <paramref name="from"/>, or -1.</summary>
    public static int EndOfQuoted(ReadOnlySpan<char> text, int from)
    {
        char quote = text[from];
        for (int i = from + 1; i < text.Length; i++)
        {
            if (quote == '"' && text[i] == '\\') i++;
            else if (text[i] == quote && quote == '\'' && i + 1 < text.Length && text[i + 1] == quote) i++;
            else if (text[i] == quote) return i + 1;
        }
        return -1;
    }

    /// <summary>The text between quotes; null for an escape that YAML does not have.</summary>
    public static string? Unquote(ReadOnlySpan<char> quoted)
    {
        ReadOnlySpan<char> inner = quoted[1..^1];
        if (quoted[0] == '\'') return inner.ToString().Replace("''", "'", StringComparison.Ordinal);
        var text = new StringBuilder(inner.Length);
        for (int i = 0; i < inner.Length; i++)
        {
            if (inner[i] != '\\')
            {
                text.Append(inner[i]);
                continue;
            }
            i++;
            int digits = inner[i] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                if (i + digits >= inner.Length || !int.TryParse(inner.Slice(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || !Rune.IsValid(code)) return null;
                text.Append(new Rune(code).ToString());
                i += digits;
                continue;
            }
            int found = "0abtnvfre \"/\\".IndexOf(inner[i], StringComparison.Ordinal);
            if (found < 0) return null;
            text.Append("\0\a\b\t\n\v\f\r\u001b \"/\\"[found]);
        }
        return text.ToString();
    }
}
