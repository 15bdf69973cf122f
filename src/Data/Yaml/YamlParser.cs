using System.Text;
using System.Text.Json;

namespace MmKernels.Data;

/// <summary>Walks the lines of a YAML document and writes JSON; see <see cref="YamlText"/> for what is understood.</summary>
internal sealed class YamlParser
{
    private readonly string file;
    private readonly Utf8JsonWriter json;
    private readonly string[] lines;
    private int at;   // the line that is read next

    public YamlParser(string text, string file, Utf8JsonWriter json)
    {
        (this.file, this.json) = (file, json);
        lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
    }

    public void Document()
    {
        SkipBlank();
        if (at < lines.Length && lines[at].TrimEnd() == "---") at++;
        SkipBlank();
        if (at == lines.Length) json.WriteNullValue();
        else Node(Indent(lines[at]), 0);
        SkipBlank();
        if (at < lines.Length && lines[at].TrimEnd() != "...") throw Wrong("a line that continues nothing");
    }

    /// <summary>The list, mapping or scalar that starts on the current line, whose indentation is <paramref name="indent"/>.</summary>
    private void Node(int indent, int depth)
    {
        if (depth > YamlText.MaxDepth) throw Wrong($"nesting deeper than {YamlText.MaxDepth}");
        string line = lines[at];
        if (IsItem(line, indent)) List(indent, depth);
        else if (KeyEnd(line, indent) >= 0) Mapping(indent, depth);
        else
        {
            string value = Clean(line[indent..]);
            at++;
            Value(value, indent, depth);
        }
    }

    private void List(int indent, int depth)
    {
        json.WriteStartArray();
        for (; More(indent) && IsItem(lines[at], indent); SkipBlank())
        {
            string line = lines[at];
            int content = indent + 1;
            while (content < line.Length && line[content] == ' ') content++;
            if (content == line.Length || line[content] == '#')
            {
                at++;
                Nested(indent, depth, sameIndentList: false);
            }
            else if (IsItem(line, content) || KeyEnd(line, content) >= 0)
            {
                // "- key: value": the rest of the line is a node of its own, indented to where it stands.
                lines[at] = new string(' ', content) + line[content..];
                Node(content, depth + 1);
            }
            else
            {
                at++;
                Value(Clean(line[content..]), indent, depth);
            }
        }
        json.WriteEndArray();
        EndOfBlock(indent + 1);   // a list may stand at the indentation of the key that it belongs to
    }

    private void Mapping(int indent, int depth)
    {
        json.WriteStartObject();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (; More(indent) && KeyEnd(lines[at], indent) is var end and >= 0; SkipBlank())
        {
            string line = lines[at], key = YamlScalar.Key(line[indent..end].TrimEnd()) ?? throw Wrong("a key that is no plain or quoted text");
            if (!keys.Add(key)) throw Wrong($"the key {DataErrors.Quote(key)} is there twice");
            json.WritePropertyName(key);
            string value = Clean(line[(end + 1)..]);
            at++;
            if (value.Length == 0) Nested(indent, depth, sameIndentList: true);
            else Value(value, indent, depth);
        }
        json.WriteEndObject();
        EndOfBlock(indent);
    }

    /// <summary>What a key or a dash without a value on its line stands for: the deeper lines that follow, else null.</summary>
    private void Nested(int indent, int depth, bool sameIndentList)
    {
        SkipBlank();
        int inner = at < lines.Length ? Indent(lines[at]) : 0;
        if (at < lines.Length && inner > indent) Node(inner, depth + 1);
        else if (at < lines.Length && sameIndentList && inner == indent && IsItem(lines[at], indent)) Node(inner, depth + 1);
        else json.WriteNullValue();
    }

    /// <summary>A value that starts on the line before <see cref="at"/>.</summary>
    private void Value(string value, int indent, int depth)
    {
        if (value.Length == 0)
        {
            json.WriteNullValue();
            return;
        }
        at--;
        if (value[0] is '&' or '*' or '!' or '%' or '@' or '`') throw Wrong($"'{value[0]}' (anchors, aliases, tags and directives are not read)");
        if (value[0] is '|' or '>') Block(value, indent);
        else
        {
            if (!YamlFlow.TryWrite(value, json, depth, out string problem)) throw Wrong(problem);
            at++;
        }
    }

    /// <summary>A literal (|) or folded (>) block: deeper lines, as they are or joined by spaces.</summary>
    private void Block(string header, int indent)
    {
        char chomp = header.Length == 2 && header[1] is '-' or '+' ? header[1] : ' ';
        if (header.Length > (chomp == ' ' ? 1 : 2)) throw Wrong($"the block header {DataErrors.Quote(header)}");
        at++;
        int first = at;
        while (at < lines.Length && (lines[at].Trim().Length == 0 || Indent(lines[at]) > indent)) at++;
        string[] block = lines[first..at];
        int inner = int.MaxValue;
        foreach (string line in block)
            if (line.Trim().Length > 0) inner = Math.Min(inner, Indent(line));
        var text = new StringBuilder();
        foreach (string line in block)
        {
            string content = line.Length > inner ? line[inner..] : "";
            if (header[0] == '>' && content.StartsWith(' ')) throw Wrong("a folded block with lines of different indentation");
            // Folding joins neighbours by a space; after an empty line, the line break of the empty line is the one that stays.
            if (header[0] == '>' && content.Length > 0 && text.Length > 0 && text[^1] == '\n')
            {
                text.Length--;
                if (text.Length == 0 || text[^1] != '\n') text.Append(' ');
            }
            text.Append(content).Append('\n');
        }
        string all = text.ToString(), trimmed = all.TrimEnd('\n');
        json.WriteStringValue(chomp switch { '-' => trimmed, '+' => all, _ => trimmed.Length == 0 ? "" : trimmed + "\n" });
    }

    private bool More(int indent)
    {
        if (at == lines.Length || lines[at].TrimEnd() == "...") return false;
        if (lines[at].StartsWith("---", StringComparison.Ordinal)) throw Wrong("a second document");
        return Indent(lines[at]) == indent;
    }

    private void EndOfBlock(int indent)
    {
        if (at < lines.Length && lines[at].TrimEnd() != "..." && Indent(lines[at]) >= indent) throw Wrong("a line that continues nothing: its indentation does not fit, or a scalar goes on in it");
    }

    private void SkipBlank()
    {
        while (at < lines.Length && lines[at].AsSpan().TrimStart(' ') is var rest && (rest.Length == 0 || rest[0] == '#' || rest.Trim(" \t").Length == 0)) at++;
    }

    private int Indent(string line)
    {
        int indent = 0;
        while (indent < line.Length && line[indent] == ' ') indent++;
        return indent < line.Length && line[indent] == '\t' ? throw Wrong("a tab in the indentation") : indent;
    }

    private static bool IsItem(string line, int indent) => line.Length > indent && line[indent] == '-' && (line.Length == indent + 1 || line[indent + 1] == ' ');

    /// <summary>Where the colon of a key stands that starts at <paramref name="from"/>; -1 where the line is no key.</summary>
    private static int KeyEnd(string line, int from)
    {
        if (from >= line.Length || line[from] is '[' or '{' or '#' or '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`') return -1;
        int end = from;
        if (line[from] is '"' or '\'')
        {
            end = YamlScalar.EndOfQuoted(line, from);
            if (end < 0) return -1;
            while (end < line.Length && line[end] == ' ') end++;
            return end < line.Length && line[end] == ':' && (end + 1 == line.Length || line[end + 1] == ' ') ? end : -1;
        }
        for (; end < line.Length; end++)
        {
            if (line[end] == ':' && (end + 1 == line.Length || line[end + 1] == ' ')) return end;
            if (line[end] == '#' && line[end - 1] == ' ') return -1;
        }
        return -1;
    }

    /// <summary>A value without the spaces around it and without a comment behind it.</summary>
    private static string Clean(string text)
    {
        text = text.Trim(' ', '\t');
        if (text.StartsWith('#')) return "";
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '"' && c == '\\') i++;
            else if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'' && (i == 0 || text[i - 1] is ' ' or ',' or '[' or '{' or ':')) quote = c;
            else if (c == '#' && text[i - 1] is ' ' or '\t') return text[..i].TrimEnd(' ', '\t');
        }
        return text;
    }

    private MmkException Wrong(string reason) => DataErrors.Yaml(file, Math.Min(at, lines.Length - 1) + 1, reason);
}
