namespace MmKernels.Data.Tokenizers;

/// <summary>A stage that turns tokens back into text.</summary>
internal abstract record Decoder
{
    /// <summary>Rewrites the tokens; what the last stage leaves is concatenated.</summary>
    public abstract List<string> Apply(List<string> tokens);

    /// <summary>Stages of a hostile file could make text grow without end.</summary>
    protected static void CheckGrowth(long length, int tokens)
    {
        if (length > 16_000_000 + 1024L * tokens) throw TextErrors.Growth(16_000_000 + 1024L * tokens);
    }

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static Decoder? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        return type switch
        {
            "Sequence" => new DecoderSequence([.. view["decoders"].Items().Select(item => Parse(item) ?? throw item.Wrong("a decoder"))]),
            "BPEDecoder" => new SuffixDecoder(view["suffix"].Text()),
            "ByteFallback" => new ByteFallbackDecoder(),
            "ByteLevel" => new ByteLevelDecoder(),
            "CTC" => new CtcDecoder(view["pad_token"].Text(), view["word_delimiter_token"].Text(), view["cleanup"].Flag()),
            "Fuse" => new FuseDecoder(),
            "Metaspace" => new MetaspaceDecoder(view["replacement"].Character(), MetaspacePreTokenizer.ParseScheme(view)),
            "Replace" => new ReplaceDecoder(TextPattern.Parse(view["pattern"]), view["content"].Text()),
            "Strip" => new StripDecoder(view["content"].Character(), view["start"].Count(), view["stop"].Count()),
            "WordPiece" => new WordPieceDecoder(view["prefix"].Text(), view["cleanup"].Flag()),
            _ => throw TextErrors.UnknownType(view.Place, type, "BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece"),
        };
    }
}
