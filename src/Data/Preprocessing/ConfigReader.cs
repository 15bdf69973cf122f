using System.Text.Json;
using MmKernels.Data.Images;

namespace MmKernels.Data.Preprocessing;

/// <summary>Typed, checked access to the keys of a preprocessor_config.json; every error names the file, the key and the value.</summary>
internal sealed class ConfigReader(JsonElement root, string name)
{
    /// <summary>No encoder takes pictures of this side; larger values are damage.</summary>
    public const int MaxSide = 1 << 15;

    public string Name => name;

    public bool Has(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string key) => Get(key) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value, "a text");

    public bool Flag(string key, bool otherwise) => Get(key) is not { } value ? otherwise : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, value, "true or false"),
    };

    public double Number(string key, double otherwise)
        => Get(key) is not { } value ? otherwise : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Wrong(key, value, "a number");

    public int Int(string key, int otherwise, int max, int min = 1) => Get(key) is not { } value ? otherwise : AsInt(key, value, min, max);

    /// <summary>The resampling filter; Pillow's number.</summary>
    public ResampleFilter Filter(ResampleFilter otherwise) => Get("resample") is { } value ? (ResampleFilter)AsInt("resample", value, 0, 5) : otherwise;

    /// <summary>Three values per channel; one number serves all three.</summary>
    public float[] Channels(string key, float[] otherwise)
    {
        if (Get(key) is not { } value) return otherwise;
        if (value.ValueKind == JsonValueKind.Number) return [AsFloat(key, value), AsFloat(key, value), AsFloat(key, value)];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 3) throw Wrong(key, value, "three numbers");
        return [AsFloat(key, value[0]), AsFloat(key, value[1]), AsFloat(key, value[2])];
    }

    /// <summary>{"height", "width"} or one number for both.</summary>
    public PixelSize Square(string key, PixelSize otherwise)
    {
        if (Get(key) is not { } value) return otherwise;
        if (value.ValueKind == JsonValueKind.Number) return new PixelSize(AsInt(key, value, 1, MaxSide), AsInt(key, value, 1, MaxSide));
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("height", out JsonElement height) && value.TryGetProperty("width", out JsonElement width))
            return new PixelSize(AsInt(key, width, 1, MaxSide), AsInt(key, height, 1, MaxSide));
        throw Wrong(key, value, "a number or {\"height\": .., \"width\": ..}");
    }

    /// <summary>The part <paramref name="part"/> of an object, or null; <paramref name="key"/> may be absent or a number.</summary>
    public int? Part(string key, string part)
        => Get(key) is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(part, out JsonElement number) && number.ValueKind != JsonValueKind.Null
            ? AsInt($"{key}.{part}", number, 1, MaxSide)
            : null;

    public bool IsNumber(string key) => Get(key) is { ValueKind: JsonValueKind.Number };

    /// <summary>A list of [height, width].</summary>
    public PixelSize[] Sizes(string key, PixelSize[] otherwise, int maxCount)
    {
        if (Get(key) is not { } value) return otherwise;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is var count && (count < 1 || count > maxCount)) throw Wrong(key, value, $"1 to {maxCount} pairs [height, width]");
        var sizes = new List<PixelSize>();
        foreach (JsonElement pair in value.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2) throw Wrong(key, pair, "a pair [height, width]");
            sizes.Add(new PixelSize(AsInt(key, pair[1], 1, MaxSide), AsInt(key, pair[0], 1, MaxSide)));
        }
        return [.. sizes];
    }

    public MmkException Error(string problem, string hint) => ImageErrors.Config(name, problem, hint);

    private JsonElement? Get(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private int AsInt(string key, JsonElement value, int min, int max)
        => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max
            ? number
            : throw Wrong(key, value, $"a whole number from {min} to {max}");

    private float AsFloat(string key, JsonElement value)
        => value.ValueKind == JsonValueKind.Number && float.IsFinite((float)value.GetDouble()) ? (float)value.GetDouble() : throw Wrong(key, value, "a number");

    private MmkException Wrong(string key, JsonElement value, string wanted)
    {
        string text = value.GetRawText();
        return ImageErrors.Config(name, $"{key} is {(text.Length > 60 ? text[..60] + "…" : text)}", $"It must be {wanted}");
    }
}
