namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Where a checkpoint folder keeps its chat template and special tokens.</summary>
internal static class TemplateFiles
{
    private const long LargestFile = 1 << 24;

    /// <summary>The template's text and the file that it comes from.</summary>
    public static (string Source, string Name) Find(string folder, string? variant)
    {
        string jinja = Path.Combine(folder, variant is null or "default" ? "chat_template.jinja" : Path.Combine("additional_chat_templates", variant + ".jinja"));
        if (Read(jinja) is byte[] text) return (System.Text.Encoding.UTF8.GetString(text), jinja);
        foreach (string file in (ReadOnlySpan<string>)["chat_template.json", "tokenizer_config.json"])
        {
            string path = Path.Combine(folder, file);
            if (Read(path) is byte[] json && JsonView.Read(json, path, view => Choose(view["chat_template"], variant ?? "default")) is string source) return (source, path);
        }
        throw TextErrors.NoTemplate(folder);
    }

    /// <summary>The keys …_token of tokenizer_config.json, whose values are strings or objects with content.</summary>
    public static IReadOnlyDictionary<string, string> SpecialTokens(string folder)
    {
        string path = Path.Combine(folder, "tokenizer_config.json");
        var tokens = new Dictionary<string, string>();
        if (Read(path) is not byte[] json) return tokens;
        return JsonView.Read(json, path, view =>
        {
            foreach ((string key, JsonView value) in view.Fields())
            {
                if (!key.EndsWith("_token", StringComparison.Ordinal)) continue;
                if (value.IsString) tokens[key] = value.Text();
                else if (value.IsObject && value["content"].IsString) tokens[key] = value["content"].Text();
            }
            return tokens;
        });
    }

    /// <summary>One template, or a list of {name, template}.</summary>
    private static string? Choose(JsonView view, string variant)
    {
        if (view.IsNull) return null;
        if (!view.IsArray) return variant == "default" ? view.Text() : null;
        foreach (JsonView item in view.Items())
            if (item["name"].Text() == variant) return item["template"].Text();
        return null;
    }

    private static byte[]? Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (file.Length > LargestFile) throw TextErrors.TooLarge(path, file.Length, LargestFile);
        try { return File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw TextErrors.Unreadable(path, e); }
    }
}
