using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data.Tokenizers;

/// <summary>A value of a JSON file together with its place, so that every complaint names both.</summary>
internal readonly struct JsonView(JsonElement element, string place)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public string Place { get; } = place;

    public JsonElement Element { get; } = element;

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public bool IsArray => Element.ValueKind == JsonValueKind.Array;

    public bool IsString => Element.ValueKind == JsonValueKind.String;

    /// <summary>Parses a whole document and hands its root to <paramref name="read"/>.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, string name, Func<JsonView, T> read)
    {
        if (utf8.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span)) throw TextErrors.NotJson(name, "it is not UTF-8 text");
        JsonDocument document;
        try
        {
            if (JsonText.FindHalfPair(utf8.Span, Options.MaxDepth) is var position and >= 0) throw TextErrors.NotJson(name, $"an escape at byte {position} is half a surrogate pair");
            document = JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException e) { throw TextErrors.NotJson(name, e.Message); }
        using (document) return read(new JsonView(document.RootElement, name));
    }

    /// <summary>The field, or a null view where it is absent.</summary>
    public JsonView this[string key]
    {
        get
        {
            if (!IsObject) throw Wrong("an object");
            string at = $"{Place}.{key}";
            return Element.TryGetProperty(key, out JsonElement value) ? new JsonView(value, at) : new JsonView(default, at);
        }
    }

    public string Text()
    {
        if (!IsString) throw Wrong("a string");
        try { return Element.GetString()!; }
        catch (InvalidOperationException) { throw TextErrors.WrongField(Place, "the string is not valid Unicode"); }
    }

    public string? TextOrNull() => IsNull ? null : Text();

    public bool Flag(bool? absent = null) => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Undefined or JsonValueKind.Null when absent is not null => absent.Value,
        _ => throw Wrong("true or false"),
    };

    /// <summary>An integer of at least zero.</summary>
    public int Count(int? absent = null)
    {
        if (IsNull && absent is not null) return absent.Value;
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetInt32(out int value) || value < 0)
            throw Wrong($"an integer between 0 and {int.MaxValue}");
        return value;
    }

    public double Number()
    {
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetDouble(out double value) || !double.IsFinite(value)) throw Wrong("a number");
        return value;
    }

    /// <summary>One code point.</summary>
    public int Character()
    {
        int code = CodePoints.Single(Text());
        return code >= 0 ? code : throw Wrong("a string of one character");
    }

    public List<JsonView> Items()
    {
        if (!IsArray) throw Wrong("a list");
        var items = new List<JsonView>(Element.GetArrayLength());
        foreach (JsonElement item in Element.EnumerateArray()) items.Add(new JsonView(item, $"{Place}[{items.Count}]"));
        return items;
    }

    public IEnumerable<(string Key, JsonView Value)> Fields()
    {
        if (!IsObject) throw Wrong("an object");
        foreach (JsonProperty property in Element.EnumerateObject())
        {
            string key;
            try { key = property.Name; }
            catch (InvalidOperationException) { throw TextErrors.WrongField(Place, "a key is not valid Unicode"); }
            yield return (key, new JsonView(property.Value, Place));
        }
    }

    public MmkException Wrong(string expected)
    {
        string found = Element.ValueKind switch
        {
            JsonValueKind.Undefined => "nothing",
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "the string " + TextErrors.Short(Element.GetRawText()),
            _ => TextErrors.Short(Element.GetRawText()),
        };
        return TextErrors.WrongField(Place, $"{expected} is expected and {found} is there");
    }
}
