namespace MmKernels.Data.Tokenizers;

/// <summary>The stage that joins one or two encodings and puts special tokens around them.</summary>
internal abstract record PostProcessor
{
    /// <summary>How many special tokens the stage adds.</summary>
    public abstract int Added(bool pair);

    public abstract List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static PostProcessor? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        return type switch
        {
            "TemplateProcessing" => TemplateProcessor.Parse(view),
            _ => throw TextErrors.UnknownType(view.Place, type, "TemplateProcessing"),
        };
    }
}
