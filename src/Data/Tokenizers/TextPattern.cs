namespace MmKernels.Data.Tokenizers;

/// <summary>What a Replace or Split stage looks for.</summary>
internal abstract record TextPattern
{
    /// <summary>Appends all matches in order; they do not overlap.</summary>
    public abstract void FindAll(ReadOnlySpan<int> text, List<(int Start, int End)> matches);

    public static TextPattern Parse(JsonView view)
    {
        if (!view.IsObject) throw view.Wrong("{\"String\": …} or {\"Regex\": …}");
        foreach ((string key, JsonView value) in view.Fields())
            return key switch
            {
                "String" => value.Text() is { Length: > 0 } text ? new LiteralPattern(CodePoints.Of(text)) : new RegexPattern("", value.Place),
                "Regex" => new RegexPattern(value.Text(), value.Place),
                _ => throw TextErrors.UnknownType(view.Place, key, "String, Regex"),
            };
        throw view.Wrong("{\"String\": …} or {\"Regex\": …}");
    }
}
