namespace MmKernels.Data.Tokenizers;

/// <summary>vocab.txt: a WordPiece vocabulary, one token a line, as BERT's tokenizer uses it.</summary>
internal static class WordPieceFile
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    public static Tokenizer Parse(ReadOnlyMemory<byte> utf8, string name, TokenizerConfig? config)
    {
        var ids = new Dictionary<string, int>();
        foreach ((int number, string line) in TextLines.Of(utf8, name)) ids[line.TrimEnd('\r', '\n')] = number - 1;
        var vocabulary = new Vocabulary(ids);
        string unknown = config?.Unk?.Content ?? "[UNK]", cls = config?.Cls?.Content ?? "[CLS]", sep = config?.Sep?.Content ?? "[SEP]";
        bool lowercase = config?.Root.Bool("do_lower_case", true) ?? true;
        bool accents = config is not null && config.Root.IsSet("strip_accents") ? config.Root.Bool("strip_accents") : lowercase;
        var normalizer = new BertNormalizer(true, config?.Root.Bool("tokenize_chinese_chars", true) ?? true, accents, lowercase);
        List<AddedToken> added = AddedTokenList.Of(config);
        foreach (string token in Special)
            if (vocabulary.Id(token) >= 0 && !added.Exists(other => other.Content == token)) added.Add(new AddedToken(token, false, false, false, false, true));
        PostProcessor? processor = vocabulary.Id(cls) < 0 || vocabulary.Id(sep) < 0 ? null
            : PostProcessor.Bert(new SpecialToken(cls, vocabulary.Id(cls)), new SpecialToken(sep, vocabulary.Id(sep)));
        return new Tokenizer(added, normalizer, PreTokenizer.Bert, new WordPieceModel(vocabulary, unknown, "##", 100), processor, new WordPieceDecoder("##", true));
    }
}
