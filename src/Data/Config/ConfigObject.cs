using System.Text.Json;

namespace MmKernels.Data;

/// <summary>
/// One JSON object of a config file, read key by key with the type that the reader needs. Every key of the file stays readable, known or not.
/// A key that the file lacks is looked up in the defaults of the reference implementation (<see cref="ConfigDefaults"/>); null in the file means
/// "none" and hides that default, as it does there. Errors name the file, the key, the value and what is expected.
/// </summary>
public sealed partial class ConfigObject
{
    private readonly JsonElement element;
    private readonly ConfigObject? defaults;

    private ConfigObject(string filePath, string keyPath, JsonElement element, string? modelType, ConfigObject? defaults)
    {
        (FilePath, KeyPath, this.element, ModelType, this.defaults) = (filePath, keyPath, element, modelType, defaults);
    }

    /// <summary>The file, as errors name it.</summary>
    public string FilePath { get; }

    /// <summary>Where in the file: empty for the root, else for example <c>text_config.rope_scaling</c>.</summary>
    public string KeyPath { get; }

    /// <summary>The object's model type: what it says, or what its parent implies (<c>clip_vision_model</c> for LLaVA's vision_config); null where unknown.</summary>
    public string? ModelType { get; }

    /// <summary>The keys that the file sets, in its order.</summary>
    public IEnumerable<string> Keys => element.EnumerateObject().Select(property => property.Name);

    /// <summary>The object itself, for readers that need more than the typed getters.</summary>
    public JsonElement Element => element;

    /// <summary>Reads a config file, JSON or (by its ending .yaml or .yml) YAML; objects with a model_type that <see cref="ConfigDefaults"/> knows have its defaults.</summary>
    /// <exception cref="MmkException">MMK400, MMK401, MMK402, MMK419 unreadable; MMK412 not an object.</exception>
    public static ConfigObject Open(string path)
    {
        bool yaml = path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
        return Parse(yaml ? YamlText.ToJson(JsonText.ReadFile(path, YamlText.MaxBytes), path) : JsonText.ReadFile(path), path);
    }

    /// <summary>Reads a config from memory; <paramref name="filePath"/> is the name in errors.</summary>
    /// <exception cref="MmkException">MMK401, MMK402 not JSON; MMK412 not an object.</exception>
    public static ConfigObject Parse(ReadOnlyMemory<byte> utf8, string filePath)
    {
        JsonElement root = JsonText.Parse(utf8, filePath).RootElement;
        return root.ValueKind == JsonValueKind.Object ? Create(filePath, "", root, null, null)
            : throw DataErrors.ConfigRoot(filePath, root.GetRawText());
    }

    /// <summary>An object without keys, for an optional file that is not there.</summary>
    public static ConfigObject Empty(string filePath) => Parse("{}"u8.ToArray(), filePath);

    /// <summary>An object of the defaults table itself, which has no defaults of its own.</summary>
    internal static ConfigObject Table(JsonElement element) => new("defaults", "", element, null, null);

    /// <summary>True where the file sets the key to something other than null.</summary>
    public bool IsSet(string key) => element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>True where the file or the defaults give the key a value other than null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value from the file, else the default; null where neither has one or the file says null.</summary>
    public JsonElement? Find(string key)
    {
        if (element.TryGetProperty(key, out JsonElement value)) return value.ValueKind == JsonValueKind.Null ? null : value;
        return defaults?.Find(key);
    }

    /// <summary>The first of several names of one thing that has a value (<c>hidden_size</c>, <c>n_embd</c>, <c>d_model</c>); the first where none has.</summary>
    public string FirstOf(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
            if (IsSet(key)) return key;
        foreach (string key in keys)
            if (Has(key)) return key;
        return keys[0];
    }

    /// <summary>The object under a key, with the defaults that the reference gives it there.</summary>
    /// <exception cref="MmkException">MMK410 missing, MMK411 not an object.</exception>
    public ConfigObject Object(string key) => FindObject(key) ?? throw Missing(key, "an object");

    /// <summary>The object under a key, or null.</summary>
    /// <exception cref="MmkException">MMK411 not an object.</exception>
    public ConfigObject? FindObject(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(key, value, "an object");
        return Create(FilePath, Join(key), value, ConfigDefaults.PartType(ModelType, key), ModelType);
    }

    /// <summary>The objects in a list under a key; empty where the key has no value.</summary>
    /// <exception cref="MmkException">MMK411 not a list of objects.</exception>
    public IReadOnlyList<ConfigObject> Objects(string key)
    {
        if (Find(key) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(key, value, "a list of objects");
        var objects = new List<ConfigObject>();
        foreach (JsonElement item in value.EnumerateArray()) objects.Add(Item(key, objects.Count, item));
        return objects;
    }

    /// <summary>The error for a value that this object holds but its reader cannot use.</summary>
    /// <param name="key">The key of the value.</param>
    /// <param name="expected">What would be right, for example <c>'default' or 'full'</c>.</param>
    public MmkException Invalid(string key, string expected) => DataErrors.ConfigValue(FilePath, Join(key), Find(key)?.GetRawText() ?? "null", expected);

    /// <summary>The JSON text of the object.</summary>
    public override string ToString() => element.GetRawText();

    /// <summary>The object at one place of the list under a key.</summary>
    /// <exception cref="MmkException">MMK411 not an object.</exception>
    internal ConfigObject Item(string key, int index, JsonElement item)
        => item.ValueKind == JsonValueKind.Object ? Create(FilePath, $"{Join(key)}[{index}]", item, null, null) : throw Wrong($"{key}[{index}]", item, "an object");

    private static ConfigObject Create(string filePath, string keyPath, JsonElement element, string? impliedType, string? parentType)
    {
        string? modelType = element.TryGetProperty("model_type", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        // A part that repeats its parent's type (Qwen2-VL's vision_config says qwen2_vl) means the parent's part of that name.
        if (modelType is null || (impliedType is not null && modelType == parentType)) modelType = impliedType;
        return new ConfigObject(filePath, keyPath, element, modelType, ConfigDefaults.Of(modelType));
    }

    private string Join(string key) => KeyPath.Length == 0 ? key : $"{KeyPath}.{key}";

    private MmkException Missing(string key, string expected) => DataErrors.ConfigMissing(FilePath, Join(key), expected, NearestNames.Find(key, Keys.Take(1000)));

    private MmkException Wrong(string key, JsonElement value, string expected) => DataErrors.ConfigValue(FilePath, Join(key), value.GetRawText(), expected);
}
