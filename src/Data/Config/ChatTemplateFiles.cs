using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MmKernels.Data;

/// <summary>
/// Finds the chat templates of a checkpoint folder, in the order of transformers. For a model with a processor (images, sound):
/// chat_template.json, else chat_template.jinja and additional_chat_templates/*.jinja, else chat_template in processor_config.json, else the tokenizer's.
/// For a tokenizer alone: the .jinja files, else chat_template in tokenizer_config.json.
/// </summary>
public static class ChatTemplateFiles
{
    /// <summary>Largest template that is read: published ones stay below 30 kB.</summary>
    private const int MaxBytes = 4 << 20;

    private const string Default = "default";

    /// <summary>All templates by name (the only one is called <c>default</c>); empty where the folder has none.</summary>
    /// <param name="folder">A checkpoint folder.</param>
    /// <exception cref="MmkException">MMK400 to MMK402 unreadable, MMK411 not a template, MMK413 two places that exclude each other.</exception>
    public static IReadOnlyDictionary<string, string> Find(string folder) => FindFiles(folder).ToDictionary(pair => pair.Key, pair => pair.Value.Text, StringComparer.Ordinal);

    /// <summary>As <see cref="Find"/>, each template with the file that it comes from.</summary>
    internal static Dictionary<string, (string Text, string File)> FindFiles(string folder)
    {
        Dictionary<string, (string, string)> files = JinjaFiles(folder);
        string legacy = Path.Combine(folder, "chat_template.json");
        if (File.Exists(legacy))
        {
            if (files.Keys.Any(name => name != Default)) throw DataErrors.ChatTemplateConflict(folder, "chat_template.json and additional_chat_templates are both there");
            return WithFile(FromConfig(ConfigObject.Open(legacy)), legacy);
        }
        if (files.Count > 0) return files;
        foreach (string name in new[] { "processor_config.json", "tokenizer_config.json" })
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path) && FromConfig(ConfigObject.Open(path)) is { Count: > 0 } templates) return WithFile(templates, path);
        }
        return files;
    }

    /// <summary>The templates under chat_template of a config: one text, or a list of objects with name and template.</summary>
    /// <exception cref="MmkException">MMK411.</exception>
    public static IReadOnlyDictionary<string, string> FromConfig(ConfigObject config)
    {
        const string key = "chat_template";
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config.Find(key) is not { } value) return templates;
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (ConfigObject named in config.Objects(key)) templates[named.String("name")] = named.String("template");
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            ConfigObject byName = config.Object(key);
            foreach (string name in byName.Keys) templates[name] = byName.String(name);
        }
        else templates[Default] = config.String(key);
        return templates;
    }

    private static Dictionary<string, (string, string)> WithFile(IReadOnlyDictionary<string, string> templates, string file)
        => templates.ToDictionary(pair => pair.Key, pair => (pair.Value, file), StringComparer.Ordinal);

    private static Dictionary<string, (string, string)> JinjaFiles(string folder)
    {
        var templates = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        string main = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(main)) templates[Default] = (ReadText(main), main);
        string additional = Path.Combine(folder, "additional_chat_templates");
        if (!Directory.Exists(additional)) return templates;
        try
        {
            foreach (string file in Directory.EnumerateFiles(additional, "*.jinja").Order(StringComparer.Ordinal)) templates[Path.GetFileNameWithoutExtension(file)] = (ReadText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataErrors.FileUnreadable(additional, DataErrors.Show(e.Message), e);
        }
        return templates;
    }

    private static string ReadText(string path)
    {
        byte[] bytes = JsonText.ReadFile(path, MaxBytes);
        if (!Utf8.IsValid(bytes)) throw DataErrors.FileUnreadable(path, "it is not UTF-8 text");
        // Python opens text files with universal newlines.
        return Encoding.UTF8.GetString(bytes).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
    }
}
