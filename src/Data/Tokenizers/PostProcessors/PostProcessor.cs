namespace MmKernels.Data.Tokenizers;

/// <summary>The stage that joins one or two encodings and puts special tokens around them.</summary>
internal abstract record PostProcessor
{
    /// <summary>How many special tokens the stage adds.</summary>
    public abstract int Added(bool pair);

    /// <summary>Rewrites the encodings of one or two texts, which are joined afterwards.</summary>
    public abstract List<Encoding> Apply(List<Encoding> parts, bool addSpecialTokens);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static PostProcessor? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        return type switch
        {
            "Sequence" => new PostProcessorSequence([.. view["processors"].Items().Select(item => Parse(item) ?? throw item.Wrong("a post-processor"))]),
            "TemplateProcessing" => TemplateProcessor.Parse(view),
            "BertProcessing" => Bert(Token(view["cls"]), Token(view["sep"])),
            "RobertaProcessing" => new RobertaProcessor(Token(view["cls"]), Token(view["sep"]),
                view["trim_offsets"].Flag() ? new OffsetTrimmer(view["add_prefix_space"].Flag()) : null),
            "ByteLevel" => new ByteLevelProcessor(view["trim_offsets"].Flag() ? new OffsetTrimmer(view["add_prefix_space"].Flag()) : null),
            _ => throw TextErrors.UnknownType(view.Place, type, "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing"),
        };
    }

    /// <summary>[CLS] A [SEP], and for a pair B [SEP] with segment id 1.</summary>
    public static TemplateProcessor Bert(SpecialToken cls, SpecialToken sep)
    {
        TemplateProcessor.Item[] single = [Special(cls, 0), new(0, 0, null, null), Special(sep, 0)];
        return new TemplateProcessor(single, [.. single, new(1, 1, null, null), Special(sep, 1)]);

        static TemplateProcessor.Item Special(SpecialToken token, int type) => new(-1, type, [token.Id], [token.Content]);
    }

    /// <summary>A pair of content and id.</summary>
    private static SpecialToken Token(JsonView view)
    {
        List<JsonView> pair = view.Items();
        return pair.Count == 2 ? new SpecialToken(pair[0].Text(), pair[1].Count()) : throw view.Wrong("a pair of a token and its id");
    }
}
