namespace MmKernels.Data.Tokenizers;

/// <summary>What a Replace or Split stage looks for.</summary>
internal abstract record TextPattern
{
    /// <summary>Finds the next match at or after <paramref name="from"/>.</summary>
    public abstract bool Next(ReadOnlySpan<int> text, int from, out int start, out int end);

    public static TextPattern Parse(JsonView view)
    {
        if (!view.IsObject) throw view.Wrong("{\"String\": …} or {\"Regex\": …}");
        foreach ((string key, JsonView value) in view.Fields())
            return key switch
            {
                "String" => new LiteralPattern(CodePoints.Of(value.Text())),
                _ => throw TextErrors.UnknownType(view.Place, key, "String"),
            };
        throw view.Wrong("{\"String\": …} or {\"Regex\": …}");
    }
}
