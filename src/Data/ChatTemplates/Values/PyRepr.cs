using System.Globalization;
using System.Numerics;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

/// <summary>repr(): how Python shows a value.</summary>
internal static class PyRepr
{
    public static string Repr(object? value, PyDepth depth)
    {
        switch (value)
        {
            case null: return "None";
            case bool b: return b ? "True" : "False";
            case long n: return n.ToString(CultureInfo.InvariantCulture);
            case BigInteger n: return n.ToString(CultureInfo.InvariantCulture);
            case double d: return PyNumbers.Text(d);
            case string s: return Quote(s);
            case Undefined: return "Undefined";
            case PyRange range: return range.Step == 1 ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})";
            case PyGenerator generator: return $"<generator object {generator.Name}>";
            case LoopContext loop: return $"<LoopContext {loop.Index}/{loop.Count}>";
            case Macro macro: return $"<Macro {Quote(macro.Name)}>";
            case PyCallable callable: return $"<function {callable.Name}>";
        }
        depth.Enter((int)Py.Size(value));
        string text = value switch
        {
            PyList list => $"[{Join(list.Items, depth)}]",
            PyTuple tuple => tuple.Items.Length == 1 ? $"({Repr(tuple.Items[0], depth)},)" : $"({Join(tuple.Items, depth)})",
            PyView view => $"{view.Kind}([{Join(view.Items, depth)}])",
            PyDict dict => Dictionary(dict, depth),
            PyNamespace ns => $"<Namespace {Dictionary(ns.Attributes, depth)}>",
            _ => $"<{Py.TypeName(value)}>",
        };
        depth.Leave();
        Budget.Current?.Charge(text.Length);
        return text;
    }

    /// <summary>A string literal: single quotes unless only double ones spare an escape.</summary>
    public static string Quote(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var result = new StringBuilder(text.Length + 2).Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            int code = rune.Value;
            if (code == quote || code == '\\') result.Append('\\').Append((char)code);
            else if (code == '\n') result.Append("\\n");
            else if (code == '\r') result.Append("\\r");
            else if (code == '\t') result.Append("\\t");
            else if (code == ' ' || IsPrintable(rune)) result.Append(rune.ToString());
            else result.Append(code < 0x100 ? $"\\x{code:x2}" : code < 0x10000 ? $"\\u{code:x4}" : $"\\U{code:x8}");
        }
        return result.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Join(IReadOnlyList<object?> items, PyDepth depth)
    {
        var result = new StringBuilder();
        for (int i = 0; i < items.Count; i++) result.Append(i == 0 ? "" : ", ").Append(Repr(items[i], depth));
        return result.ToString();
    }

    private static string Dictionary(PyDict dict, PyDepth depth)
    {
        var result = new StringBuilder("{");
        foreach ((object? key, object? value) in dict.Items)
            result.Append(result.Length == 1 ? "" : ", ").Append(Repr(key, depth)).Append(": ").Append(Repr(value, depth));
        return result.Append('}').ToString();
    }
}
