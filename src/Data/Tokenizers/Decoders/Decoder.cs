namespace MmKernels.Data.Tokenizers;

/// <summary>A stage that turns tokens back into text.</summary>
internal abstract record Decoder
{
    /// <summary>Rewrites the tokens; what the last stage leaves is concatenated.</summary>
    public abstract List<string> Apply(List<string> tokens);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static Decoder? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        return type switch
        {
            "Sequence" => new DecoderSequence([.. view["decoders"].Items().Select(item => Parse(item) ?? throw item.Wrong("a decoder"))]),
            "Replace" => new ReplaceDecoder(TextPattern.Parse(view["pattern"]), view["content"].Text()),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Strip" => new StripDecoder(view["content"].Character(), view["start"].Count(), view["stop"].Count()),
            _ => throw TextErrors.UnknownType(view.Place, type, "Sequence, Replace, ByteFallback, Fuse, Strip"),
        };
    }
}
