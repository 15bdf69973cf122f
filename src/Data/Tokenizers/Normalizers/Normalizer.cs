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
            "BertNormalizer" => ParseBert(view),
            "NFD" => new FormNormalizer(false, false),
            "NFKD" => new FormNormalizer(true, false),
            "NFC" => new FormNormalizer(false, true),
            "NFKC" => new FormNormalizer(true, true),
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(view["strip_left"].Flag(), view["strip_right"].Flag()),
            "StripAccents" => new StripAccentsNormalizer(),
            "Nmt" => new NmtNormalizer(),
            "Precompiled" => new PrecompiledNormalizer(ParseCharsMap(view["precompiled_charsmap"])),
            "Prepend" => new PrependNormalizer(CodePoints.Of(view["prepend"].Text())),
            "Replace" => new ReplaceNormalizer(TextPattern.Parse(view["pattern"]), CodePoints.Of(view["content"].Text())),
            "ByteLevel" => new BytesNormalizer(),
            _ => throw TextErrors.UnknownType(view.Place, type,
                "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip, StripAccents"),
        };
    }

    private static BertNormalizer ParseBert(JsonView view)
    {
        bool lowercase = view["lowercase"].Flag();
        return new BertNormalizer(view["clean_text"].Flag(), view["handle_chinese_chars"].Flag(), view["strip_accents"].Flag(lowercase), lowercase);
    }

    private static CharsMap ParseCharsMap(JsonView view)
    {
        var blob = new byte[view.Text().Length];
        return Convert.TryFromBase64String(view.Text(), blob, out int length) ? new CharsMap(blob.AsSpan(0, length), view.Place)
            : throw TextErrors.CharsMap(view.Place, "it is not base64");
    }
}
