using System.Text.Json;

namespace MmKernels.Data;

/// <summary>
/// What the reference implementation (transformers, the configuration classes per model_type) assumes where a config file says nothing.
/// Published configs rely on it: LLaVA-1.5's text_config does not even say its hidden_size. Recorded in defaults.json; keys that only training uses are left out.
/// </summary>
public static class ConfigDefaults
{
    private static readonly Lazy<Table> table = new(Load);

    /// <summary>The model types that have defaults.</summary>
    public static IEnumerable<string> ModelTypes => table.Value.Models.Keys;

    /// <summary>The defaults of a model type, or null where none are recorded.</summary>
    internal static ConfigObject? Of(string? modelType) => modelType is not null && table.Value.Models.TryGetValue(modelType, out ConfigObject? values) ? values : null;

    /// <summary>The model type of the object under <paramref name="key"/> in a config of type <paramref name="parentType"/> where it names none; null where unknown.</summary>
    internal static string? PartType(string? parentType, string key) => parentType is null ? null : table.Value.Parts.GetValueOrDefault((parentType, key));

    private static Table Load()
    {
        using Stream resource = typeof(ConfigDefaults).Assembly.GetManifestResourceStream("MmKernels.Data.Config.defaults.json")!;
        JsonElement root = JsonDocument.Parse(resource).RootElement;
        var models = new Dictionary<string, ConfigObject>(StringComparer.Ordinal);
        foreach (JsonProperty model in root.GetProperty("models").EnumerateObject()) models.Add(model.Name, ConfigObject.Table(model.Value));
        var parts = new Dictionary<(string, string), string>();
        foreach (JsonProperty model in root.GetProperty("parts").EnumerateObject())
            foreach (JsonProperty part in model.Value.EnumerateObject()) parts.Add((model.Name, part.Name), part.Value.GetString()!);
        return new Table(models, parts);
    }

    private sealed record Table(Dictionary<string, ConfigObject> Models, Dictionary<(string Parent, string Key), string> Parts);
}
