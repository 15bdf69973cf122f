using System.Globalization;
using System.Text.Json;

namespace MmKernels.Data;

/// <summary>Typed getters: without a fallback the key must have a value (MMK410), and every value must have the right type and range (MMK411).</summary>
public sealed partial class ConfigObject
{
    private delegate bool Reader<T>(JsonElement element, out T value);

    public int Int(string key) => Get<int>(key, TryInt, "an integer from -2^31 to 2^31-1");

    public int Int(string key, int fallback) => Has(key) ? Int(key) : fallback;

    /// <summary>The integer, or null where the key has no value.</summary>
    public int? FindInt(string key) => Has(key) ? Int(key) : null;

    /// <summary>An integer that must be at least 1: a size or a count.</summary>
    public int Count(string key)
    {
        int value = Int(key);
        return value >= 1 ? value : throw Invalid(key, "an integer of at least 1");
    }

    public int Count(string key, int fallback) => Has(key) ? Count(key) : fallback;

    public long Long(string key) => Get<long>(key, TryLong, "an integer from -2^63 to 2^63-1");

    public long Long(string key, long fallback) => Has(key) ? Long(key) : fallback;

    /// <summary>A number; Python's Infinity and NaN are numbers too.</summary>
    public double Double(string key) => Get<double>(key, TryDouble, "a number");

    public double Double(string key, double fallback) => Has(key) ? Double(key) : fallback;

    /// <summary>The number, or null where the key has no value.</summary>
    public double? FindDouble(string key) => Has(key) ? Double(key) : null;

    /// <summary>A number, rounded to single precision.</summary>
    public float Float(string key) => (float)Double(key);

    public float Float(string key, float fallback) => Has(key) ? Float(key) : fallback;

    public bool Bool(string key) => Get<bool>(key, TryBool, "true or false");

    public bool Bool(string key, bool fallback) => Has(key) ? Bool(key) : fallback;

    public string String(string key) => Get<string>(key, TryString, "a string");

    public string String(string key, string fallback) => Has(key) ? String(key) : fallback;

    /// <summary>The string, or null where the key has no value.</summary>
    public string? FindString(string key) => Has(key) ? String(key) : null;

    /// <summary>One of the strings in <paramref name="choices"/>.</summary>
    public string Choice(string key, params ReadOnlySpan<string> choices)
    {
        string value = String(key);
        return choices.Contains(value) ? value : throw Invalid(key, "one of " + string.Join(", ", choices.ToArray().Select(choice => $"'{choice}'")));
    }

    /// <summary>A list of integers; a single integer counts as a list of one (eos_token_id, vision_feature_layer are written both ways).</summary>
    public int[] Ints(string key) => GetList<int>(key, TryInt, "an integer or a list of integers");

    public int[] Ints(string key, int[] fallback) => Has(key) ? Ints(key) : fallback;

    /// <summary>A list of numbers; a single number counts as a list of one.</summary>
    public double[] Doubles(string key) => GetList<double>(key, TryDouble, "a number or a list of numbers");

    public double[] Doubles(string key, double[] fallback) => Has(key) ? Doubles(key) : fallback;

    /// <summary>A list of numbers, rounded to single precision.</summary>
    public float[] Floats(string key) => Array.ConvertAll(Doubles(key), value => (float)value);

    /// <summary>A list of strings; a single string counts as a list of one.</summary>
    public string[] Strings(string key) => GetList<string>(key, TryString, "a string or a list of strings");

    public string[] Strings(string key, string[] fallback) => Has(key) ? Strings(key) : fallback;

    /// <summary>A list of lists of integers, for example image_grid_pinpoints.</summary>
    public int[][] IntLists(string key)
    {
        const string expected = "a list of lists of integers";
        JsonElement value = Find(key) ?? throw Missing(key, expected);
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(key, value, expected);
        var lists = new List<int[]>();
        foreach (JsonElement item in value.EnumerateArray())
            lists.Add(item.ValueKind == JsonValueKind.Array ? ReadList<int>(key, item, TryInt, expected) : throw Wrong(key, item, expected));
        return [.. lists];
    }

    private T Get<T>(string key, Reader<T> reader, string expected)
    {
        JsonElement element = Find(key) ?? throw Missing(key, expected);
        return reader(element, out T value) ? value : throw Wrong(key, element, expected);
    }

    private T[] GetList<T>(string key, Reader<T> reader, string expected)
    {
        JsonElement element = Find(key) ?? throw Missing(key, expected);
        if (element.ValueKind == JsonValueKind.Array) return ReadList(key, element, reader, expected);
        return reader(element, out T value) ? [value] : throw Wrong(key, element, expected);
    }

    private T[] ReadList<T>(string key, JsonElement list, Reader<T> reader, string expected)
    {
        var values = new T[list.GetArrayLength()];
        int i = 0;
        foreach (JsonElement item in list.EnumerateArray())
            if (!reader(item, out values[i++])) throw Wrong(key, item, expected);
        return values;
    }

    private static bool TryInt(JsonElement element, out int value)
    {
        bool found = TryLong(element, out long number) && number is >= int.MinValue and <= int.MaxValue;
        value = found ? (int)number : 0;
        return found;
    }

    /// <summary>Integers, and floats with an integral value: some writers store 4096.0.</summary>
    private static bool TryLong(JsonElement element, out long value)
    {
        value = 0;
        if (element.ValueKind != JsonValueKind.Number) return false;
        if (element.TryGetInt64(out value)) return true;
        if (!element.TryGetDouble(out double number) || number != Math.Floor(number) || Math.Abs(number) >= 9.0e15) return false;
        value = (long)number;
        return true;
    }

    private static bool TryDouble(JsonElement element, out double value)
    {
        value = 0;
        if (element.ValueKind == JsonValueKind.Number) return element.TryGetDouble(out value);
        return element.ValueKind == JsonValueKind.String && element.GetString() is "Infinity" or "-Infinity" or "NaN"
            && double.TryParse(element.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryBool(JsonElement element, out bool value)
    {
        value = element.ValueKind == JsonValueKind.True;
        return value || element.ValueKind == JsonValueKind.False;
    }

    private static bool TryString(JsonElement element, out string value)
    {
        value = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
        return element.ValueKind == JsonValueKind.String;
    }
}
