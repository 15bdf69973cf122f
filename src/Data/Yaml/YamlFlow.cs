using System.Text.Json;

namespace MmKernels.Data;

/// <summary>Values on one line: scalars, <c>[a, b]</c> and <c>{a: 1, b: 2}</c>.</summary>
internal ref struct YamlFlow
{
    private readonly ReadOnlySpan<char> text;
    private readonly Utf8JsonWriter json;
    private int at;

    private YamlFlow(ReadOnlySpan<char> text, Utf8JsonWriter json)
    {
        this.text = text;
        this.json = json;
    }

    /// <summary>Writes the value; false with the problem where it is malformed.</summary>
    public static bool TryWrite(string value, Utf8JsonWriter json, int depth, out string problem)
    {
        problem = "";
        if (value[0] is not ('[' or '{' or '"' or '\''))
        {
            if (value.Contains(": ", StringComparison.Ordinal) || value.EndsWith(':')) problem = "a mapping inside of a plain scalar";
            else YamlScalar.WritePlain(value, json);
            return problem.Length == 0;
        }
        var flow = new YamlFlow(value, json);
        problem = flow.Value(depth);
        if (problem.Length == 0 && flow.at < value.Length) problem = $"{DataErrors.Quote(value[flow.at..])} behind a value";
        return problem.Length == 0;
    }

    private string Value(int depth)
    {
        if (depth > YamlText.MaxDepth) return $"nesting deeper than {YamlText.MaxDepth}";
        SkipSpaces();
        if (at == text.Length) return "a value that ends too early (values that span lines are not read)";
        return text[at] switch
        {
            '[' => List(depth),
            '{' => Mapping(depth),
            '"' or '\'' => Quoted(),
            '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`' => $"'{text[at]}' in a list or mapping",
            _ => Plain(),
        };
    }

    private string List(int depth)
    {
        at++;
        json.WriteStartArray();
        for (SkipSpaces(); !Eat(']'); SkipSpaces())
        {
            string problem = Value(depth + 1);
            if (problem.Length > 0) return problem;
            SkipSpaces();
            if (!Eat(',') && !(at < text.Length && text[at] == ']')) return "a list without its ']' on the same line";
        }
        json.WriteEndArray();
        return "";
    }

    private string Mapping(int depth)
    {
        at++;
        json.WriteStartObject();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (SkipSpaces(); !Eat('}'); SkipSpaces())
        {
            string? key = Key();
            if (key is null) return "a mapping in which a 'key: value' or the '}' is missing on the same line";
            if (!keys.Add(key)) return $"the key {DataErrors.Quote(key)} is there twice";
            json.WritePropertyName(key);
            string problem = Value(depth + 1);
            if (problem.Length > 0) return problem;
            SkipSpaces();
            if (!Eat(',') && !(at < text.Length && text[at] == '}')) return "a mapping without its '}' on the same line";
        }
        json.WriteEndObject();
        return "";
    }

    private string? Key()
    {
        int start = at, end;
        if (at < text.Length && text[at] is '"' or '\'')
        {
            end = YamlScalar.EndOfQuoted(text, at);
            if (end < 0) return null;
            at = end;
            SkipSpaces();
        }
        else
        {
            while (at < text.Length && text[at] is not (':' or ',' or '[' or ']' or '{' or '}')) at++;
            end = at;
        }
        return Eat(':') ? YamlScalar.Key(text[start..end].TrimEnd().ToString()) : null;
    }

    private string Quoted()
    {
        int end = YamlScalar.EndOfQuoted(text, at);
        if (end < 0) return "a quoted text without its closing quote on the same line";
        string? value = YamlScalar.Unquote(text[at..end]);
        if (value is null) return "an escape that YAML does not have";
        json.WriteStringValue(value);
        at = end;
        return "";
    }

    private string Plain()
    {
        int start = at;
        while (at < text.Length && text[at] is not (',' or '[' or ']' or '{' or '}')) at++;
        string value = text[start..at].Trim().ToString();
        if (value.Length == 0) return "an empty place in a list or mapping";
        YamlScalar.WritePlain(value, json);
        return "";
    }

    private void SkipSpaces()
    {
        while (at < text.Length && text[at] == ' ') at++;
    }

    private bool Eat(char c)
    {
        if (at == text.Length || text[at] != c) return false;
        at++;
        return true;
    }
}
