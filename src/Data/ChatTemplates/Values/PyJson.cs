using System.Globalization;
using System.Numerics;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>json.dumps as chat templates call it: no HTML escaping, keys in their order unless sorted.</summary>
internal sealed class PyJson(string? indent, string itemSeparator, string keySeparator, bool sortKeys, bool ensureAscii, Budget budget)
{
    private readonly StringBuilder output = new();
    private readonly PyDepth depth = new();

    public static string Dump(Arguments arguments)
    {
        object? indent = arguments.Optional(2, "indent");
        string? step = indent switch
        {
            null => null,
            string text => text,
            _ when PyNumbers.IsInteger(indent) => Spaces(PyNumbers.Long(indent), arguments.Budget),
            _ => throw Py.TypeError("indent must be an integer or a string"),
        };
        (string item, string key) = step is null ? (", ", ": ") : (",", ": ");
        if (arguments.Optional(3, "separators") is { } separators)
        {
            List<object?> pair = [.. Py.Iterate(separators)];
            if (pair.Count != 2 || pair[0] is not string first || pair[1] is not string second) throw Py.ValueError("separators must be a pair of strings");
            (item, key) = (first, second);
        }
        var writer = new PyJson(step, item, key, arguments.Flag(4, "sort_keys", false), arguments.Flag(1, "ensure_ascii", false), arguments.Budget);
        writer.Write(arguments.Required(0, "value"), 0);
        return writer.output.ToString();
    }

    private static string Spaces(long count, Budget budget)
    {
        budget.Charge(count);
        return new string(' ', (int)Math.Max(0, count));
    }

    private void Append(string text)
    {
        budget.Charge(text.Length);
        output.Append(text);
    }

    private void Write(object? value, int level)
    {
        switch (value)
        {
            case null: Append("null"); return;
            case bool b: Append(b ? "true" : "false"); return;
            case long n: Append(n.ToString(CultureInfo.InvariantCulture)); return;
            case BigInteger n: Append(n.ToString(CultureInfo.InvariantCulture)); return;
            case double d: Append(double.IsNaN(d) ? "NaN" : double.IsInfinity(d) ? d > 0 ? "Infinity" : "-Infinity" : PyNumbers.Text(d)); return;
            case string s: WriteText(s); return;
        }
        depth.Enter((int)Py.Size(value));
        switch (value)
        {
            case PyList list: WriteList(list.Items, level); break;
            case PyTuple tuple: WriteList(tuple.Items, level); break;
            case PyDict dict: WriteDictionary(dict, level); break;
            default: throw Py.TypeError($"Object of type {Py.TypeName(value)} is not JSON serializable");
        }
        depth.Leave();
    }

    private void WriteList(IReadOnlyList<object?> items, int level)
    {
        Append("[");
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) Append(itemSeparator);
            NewLine(level + 1);
            Write(items[i], level + 1);
        }
        if (items.Count > 0) NewLine(level);
        Append("]");
    }

    private void WriteDictionary(PyDict dict, int level)
    {
        IEnumerable<KeyValuePair<object?, object?>> items = dict.Items;
        if (sortKeys) items = StableSort.Order(dict.Items.ConvertAll(item => item.Key), false).Select(i => dict.Items[i]);
        Append("{");
        bool first = true;
        foreach ((object? key, object? value) in items)
        {
            if (!first) Append(itemSeparator);
            first = false;
            NewLine(level + 1);
            WriteText(key switch
            {
                string s => s,
                null => "null",
                bool b => b ? "true" : "false",
                _ when PyNumbers.IsNumber(key) => Py.Text(key),
                _ => throw Py.TypeError($"keys must be str, int, float, bool or None, not {Py.TypeName(key)}"),
            });
            Append(keySeparator);
            Write(value, level + 1);
        }
        if (!first) NewLine(level);
        Append("}");
    }

    private void NewLine(int level)
    {
        if (indent is null) return;
        Append("\n");
        for (int i = 0; i < level; i++) Append(indent);
    }

    private void WriteText(string text)
    {
        budget.Charge(text.Length + 2);
        output.Append('"');
        foreach (char c in text)
        {
            if (c == '"') output.Append("\\\"");
            else if (c == '\\') output.Append("\\\\");
            else if (c == '\n') output.Append("\\n");
            else if (c == '\r') output.Append("\\r");
            else if (c == '\t') output.Append("\\t");
            else if (c == '\b') output.Append("\\b");
            else if (c == '\f') output.Append("\\f");
            else if (c < ' ' || ensureAscii && c > '~') output.Append($"\\u{(int)c:x4}");
            else output.Append(c);
        }
        output.Append('"');
    }
}
