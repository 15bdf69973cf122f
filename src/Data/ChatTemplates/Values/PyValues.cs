using System.Collections;
using System.Numerics;
using System.Text.Json;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Turns .NET values into the values that templates see.</summary>
internal static class PyValues
{
    private const int Deepest = 64;

    public static object? From(object? value, string place, int depth = 0)
    {
        if (depth > Deepest) throw TextErrors.TemplateLimit($"{place}: a value is nested deeper than {Deepest} levels");
        switch (value)
        {
            case null or bool or long or double or string: return value;
            case int or short or sbyte or byte or ushort or uint: return Convert.ToInt64(value);
            case ulong n: return PyNumbers.Fit(n);
            case BigInteger n: return PyNumbers.Fit(n);
            case float f: return (double)f;
            case decimal d: return (double)d;
            case JsonElement element: return FromJson(element, place, depth);
            case IReadOnlyDictionary<string, object?> dictionary: return FromPairs(dictionary, place, depth);
            case IReadOnlyDictionary<string, string> dictionary: return FromPairs(dictionary.Select(pair => new KeyValuePair<string, object?>(pair.Key, pair.Value)), place, depth);
            case IDictionary dictionary:
                var copy = new PyDict();
                foreach (DictionaryEntry entry in dictionary)
                    copy[entry.Key as string ?? throw TextErrors.NotAValue(place, $"dictionary with keys of type {entry.Key.GetType().Name}")] = From(entry.Value, place, depth + 1);
                return copy;
            case IEnumerable list:
                var items = new List<object?>();
                foreach (object? item in list) items.Add(From(item, $"{place}[{items.Count}]", depth + 1));
                return new PyList(items);
            default: throw TextErrors.NotAValue(place, value.GetType().Name);
        }
    }

    private static PyDict FromPairs(IEnumerable<KeyValuePair<string, object?>> pairs, string place, int depth)
    {
        var dict = new PyDict();
        foreach ((string key, object? value) in pairs) dict[key] = From(value, $"{place}.{key}", depth + 1);
        return dict;
    }

    private static object? FromJson(JsonElement element, string place, int depth)
    {
        if (depth > Deepest) throw TextErrors.TemplateLimit($"{place}: a value is nested deeper than {Deepest} levels");
        switch (element.ValueKind)
        {
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.String:
                try { return element.GetString(); }
                catch (InvalidOperationException) { throw TextErrors.WrongField(place, "the string is not valid Unicode"); }
            case JsonValueKind.Number:
                string digits = element.GetRawText();
                if (digits.AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return element.GetDouble();
                return digits.Length > 1000 ? throw TextErrors.TemplateLimit($"{place}: a number of {digits.Length} digits") : PyNumbers.Fit(BigInteger.Parse(digits));
            case JsonValueKind.Array:
                var items = new List<object?>();
                foreach (JsonElement item in element.EnumerateArray()) items.Add(FromJson(item, place, depth + 1));
                return new PyList(items);
            case JsonValueKind.Object:
                var dict = new PyDict();
                foreach ((string key, JsonView value) in new JsonView(element, place).Fields()) dict[key] = FromJson(value.Element, place, depth + 1);
                return dict;
            default: return null;
        }
    }
}
