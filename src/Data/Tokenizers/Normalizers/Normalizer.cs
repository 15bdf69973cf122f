namespace MmKernels.Data.Tokenizers;

/// <summary>A stage that rewrites text before it is cut into pieces.</summary>
internal abstract record Normalizer
{
    /// <summary>The rewritten text; the given one where nothing changes.</summary>
    public abstract AlignedText Apply(AlignedText text);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static Normalizer? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        return type switch
        {
            "Sequence" => new NormalizerSequence([.. view["normalizers"].Items().Select(item => Parse(item) ?? throw item.Wrong("a normalizer"))]),
            "Prepend" => new PrependNormalizer(CodePoints.Of(view["prepend"].Text())),
            "Replace" => new ReplaceNormalizer(TextPattern.Parse(view["pattern"]), CodePoints.Of(view["content"].Text())),
            _ => throw TextErrors.UnknownType(view.Place, type, "Sequence, Prepend, Replace"),
        };
    }
}
