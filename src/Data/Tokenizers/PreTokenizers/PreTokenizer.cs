namespace MmKernels.Data.Tokenizers;

/// <summary>A stage that cuts pieces into smaller pieces, each of which the model tokenizes by itself.</summary>
internal abstract record PreTokenizer
{
    private static readonly CharacterPattern WhiteSpace = new(Unicode.IsWhiteSpace);

    /// <summary>Words and single punctuation characters.</summary>
    public static PreTokenizer Bert { get; } = new PreTokenizerSequence([new SplitPreTokenizer(WhiteSpace, SplitBehavior.Removed, false),
        new SplitPreTokenizer(new CharacterPattern(Unicode.IsPunctuation), SplitBehavior.Isolated, false)]);

    public abstract void Apply(Pieces pieces);

    /// <summary>Reads a stage; null where the file has none.</summary>
    public static PreTokenizer? Parse(JsonView view)
    {
        if (view.IsNull) return null;
        string type = view["type"].Text();
        switch (type)
        {
            case "Sequence": return new PreTokenizerSequence([.. view["pretokenizers"].Items().Select(item => Parse(item) ?? throw item.Wrong("a pre-tokenizer"))]);
            case "BertPreTokenizer": return Bert;
            case "ByteLevel": return new ByteLevelPreTokenizer(view["add_prefix_space"].Flag(), view["use_regex"].Flag(true));
            case "CharDelimiterSplit": return new SplitPreTokenizer(new LiteralPattern([view["delimiter"].Character()]), SplitBehavior.Removed, false);
            case "Digits": return new SplitPreTokenizer(new CharacterPattern(Unicode.IsNumber), view["individual_digits"].Flag() ? SplitBehavior.Isolated : SplitBehavior.Contiguous, false);
            case "FixedLength":
                int length = view["length"].Count();
                return length > 0 ? new FixedLengthPreTokenizer(length) : throw view["length"].Wrong("a length of at least 1");
            case "Metaspace": return MetaspacePreTokenizer.Parse(view);
            case "Punctuation":
                JsonView behavior = view["behavior"];
                return new SplitPreTokenizer(new CharacterPattern(Unicode.IsPunctuation), behavior.IsNull ? SplitBehavior.Isolated : PieceSplitter.Parse(behavior), false);
            case "Split": return new SplitPreTokenizer(TextPattern.Parse(view["pattern"]), PieceSplitter.Parse(view["behavior"]), view["invert"].Flag());
            case "UnicodeScripts": return new ScriptsPreTokenizer();
            case "Whitespace": return new SplitPreTokenizer(new RegexPattern(@"\w+|[^\w\s]+", view.Place), SplitBehavior.Removed, true);
            case "WhitespaceSplit": return new SplitPreTokenizer(WhiteSpace, SplitBehavior.Removed, false);
            default:
                throw TextErrors.UnknownType(view.Place, type, "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace, Punctuation, Sequence, Split, UnicodeScripts, Whitespace, WhitespaceSplit");
        }
    }
}
