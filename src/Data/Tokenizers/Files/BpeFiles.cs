namespace MmKernels.Data.Tokenizers;

/// <summary>vocab.json and merges.txt: byte-level BPE as the tokenizer class of the configuration uses it (GPT-2 where it says nothing).</summary>
internal static class BpeFiles
{
    private const string ClipWords = @"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    public static Tokenizer Parse(ReadOnlyMemory<byte> vocabularyJson, string vocabularyName, ReadOnlyMemory<byte> mergesText, string mergesName, TokenizerConfig? config)
    {
        Vocabulary vocabulary = JsonView.Read(vocabularyJson, vocabularyName, Vocabulary.Parse);
        List<BpeMerge> merges = ParseMerges(mergesText, mergesName);
        string type = config?.TokenizerClass ?? "GPT2Tokenizer";
        bool clip = type.Contains("CLIP", StringComparison.Ordinal), qwen = type.Contains("Qwen2", StringComparison.Ordinal);
        bool roberta = type.Contains("Roberta", StringComparison.Ordinal) || type.Contains("Bart", StringComparison.Ordinal) || type.Contains("LED", StringComparison.Ordinal);
        bool addPrefix = config?.AddPrefixSpace ?? false;
        var options = new BpeOptions(clip ? config?.Unk?.Content ?? "<|endoftext|>" : null, "", clip ? "</w>" : "", false, false, false);
        Normalizer? normalizer = qwen ? new FormNormalizer(false, true)
            : clip ? new NormalizerSequence([new FormNormalizer(false, true), new ReplaceNormalizer(new RegexPattern(@"\s+", vocabularyName), [' ']), new LowercaseNormalizer()])
            : null;
        PreTokenizer preTokenizer = qwen ? QwenWords(vocabularyName)
            : clip ? new PreTokenizerSequence([new SplitPreTokenizer(new RegexPattern(ClipWords, vocabularyName), SplitBehavior.Removed, true), new ByteLevelPreTokenizer(false, true)])
            : new ByteLevelPreTokenizer(addPrefix, true);
        PostProcessor? processor = clip ? Surround(vocabulary, config?.Bos?.Content ?? "<|startoftext|>", config?.Eos?.Content ?? "<|endoftext|>", null)
            : roberta ? Surround(vocabulary, config?.Cls?.Content ?? "<s>", config?.Sep?.Content ?? "</s>", new OffsetTrimmer(addPrefix))
            : config?.AddBosToken == true && config.Bos is { } bos && vocabulary.Id(bos.Content) is >= 0 and int id ? TemplateProcessor.Around(new SpecialToken(bos.Content, id), null)
            : null;
        var decoder = new DecoderSequence(clip ? [new ByteLevelDecoder(), new ReplaceDecoder(new LiteralPattern(CodePoints.Of("</w>")), " ")] : [new ByteLevelDecoder()]);
        return new Tokenizer(AddedTokenList.Of(config), normalizer, preTokenizer, new BpeModel(vocabulary, merges, options, mergesName), processor, decoder);
    }

    /// <summary>The words of Qwen's tokenizers, then bytes as printable characters.</summary>
    public static PreTokenizer QwenWords(string place) => new PreTokenizerSequence(
    [
        new SplitPreTokenizer(new RegexPattern(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", place),
            SplitBehavior.Isolated, false),
        new ByteLevelPreTokenizer(false, false),
    ]);

    private static RobertaProcessor? Surround(Vocabulary vocabulary, string start, string end, OffsetTrimmer? trimmer)
    {
        (int first, int last) = (vocabulary.Id(start), vocabulary.Id(end));
        return first < 0 || last < 0 ? null : new RobertaProcessor(new SpecialToken(start, first), new SpecialToken(end, last), trimmer);
    }

    private static List<BpeMerge> ParseMerges(ReadOnlyMemory<byte> utf8, string name)
    {
        var merges = new List<BpeMerge>();
        foreach ((int number, string line) in TextLines.Of(utf8, name))
        {
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal)) continue;
            string[] halves = line.Split(' ');
            if (halves.Length != 2) throw TextErrors.VocabularyFile(name, number, "a merge is two tokens with one space between them");
            merges.Add(new BpeMerge(halves[0], halves[1], merges.Count));
        }
        return merges;
    }
}
