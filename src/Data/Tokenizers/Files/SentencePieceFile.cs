namespace MmKernels.Data.Tokenizers;

/// <summary>
/// A sentencepiece .model file as a tokenizer. Alone it gives what the sentencepiece library gives: control pieces in the text are plain text and nothing is added.
/// With a folder's configuration it is used as that says: special tokens are recognised, bos and eos added.
/// </summary>
internal static class SentencePieceFile
{
    private const int Mark = 0x2581;

    public static Tokenizer Parse(ReadOnlySpan<byte> bytes, string name, TokenizerConfig? config)
    {
        SentencePieceModel model = SentencePieceModel.Parse(bytes, name);
        int space = model.EscapeSpaces ? Mark : ' ';
        var normalizer = new SentencePieceNormalizer(model.CharsMap.Length == 0 ? null : new CharsMap(model.CharsMap, name), model.AddDummyPrefix, config is not null, model.RemoveExtraSpaces, space);
        var added = new List<AddedToken>();
        foreach ((string piece, _, SentencePieceType type) in model.Pieces)
            if (type == SentencePieceType.UserDefined || config is not null && type is SentencePieceType.Control or SentencePieceType.Unknown)
                added.Add(new AddedToken(piece, false, false, false, false, type != SentencePieceType.UserDefined));
        HashSet<string> known = [.. added.Select(token => token.Content)];
        foreach (AddedToken token in AddedTokenList.Of(config))
            if (!known.Contains(token.Content)) added.Add(token);
        Decoder[] stages = [new ReplaceDecoder(new LiteralPattern([Mark]), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(' ', model.AddDummyPrefix ? 1 : 0, 0)];
        return new Tokenizer(added, normalizer, null, model.ModelType == 1 ? Unigram(model, name) : Bpe(model, name), config is null ? null : Processor(model, config), new DecoderSequence(stages));
    }

    private static UnigramModel Unigram(SentencePieceModel model, string name)
    {
        var excluded = new HashSet<int>();   // user-defined pieces are cut out of the text before
        for (int i = 0; i < model.Pieces.Count; i++)
            if (model.Pieces[i].Type != SentencePieceType.Normal) excluded.Add(i);
        List<(string, double)> pieces = [.. model.Pieces.Select(piece => (piece.Piece, (double)piece.Score))];
        return new UnigramModel(pieces, model.UnknownId, model.ByteFallback, name, excluded);
    }

    private static BpeModel Bpe(SentencePieceModel model, string name)
    {
        var ids = new Dictionary<string, int>();
        for (int i = 0; i < model.Pieces.Count; i++) ids.TryAdd(model.Pieces[i].Piece, i);
        var vocabulary = new Vocabulary(ids);
        List<(string Piece, float Score)> normal = [.. model.Pieces.Where(piece => piece.Type == SentencePieceType.Normal).Select(piece => (piece.Piece, piece.Score)).OrderByDescending(piece => piece.Score)];
        var ranked = new List<(string, int)>(normal.Count);
        int rank = 0;
        for (int i = 0; i < normal.Count; i++)
        {
            if (i > 0 && normal[i].Score != normal[i - 1].Score) rank = i;
            ranked.Add((normal[i].Piece, rank));
        }
        var options = new BpeOptions(model.Pieces[model.UnknownId].Piece, "", "", true, model.ByteFallback, false);
        return new BpeModel(vocabulary, BpeMerge.OfRankedTokens(vocabulary, ranked, name), options, name);
    }

    /// <summary>bos in front and eos behind, as the configuration says; else what the kind of model is used with: BPE (LLaMA) with bos, T5 with eos.</summary>
    private static TemplateProcessor? Processor(SentencePieceModel model, TokenizerConfig config)
    {
        string? bos = config.AddBosToken ?? model.ModelType == 2 ? config.Bos?.Content ?? model.Control(model.BosId) : null;
        string? eos = config.AddEosToken ?? config.TokenizerClass?.Contains("T5", StringComparison.Ordinal) == true ? config.Eos?.Content ?? model.Control(model.EosId) : null;
        return bos is null && eos is null ? null : TemplateProcessor.Around(Token(bos), Token(eos));

        SpecialToken? Token(string? content)
        {
            int id = content is null ? -1 : model.Pieces.FindIndex(piece => piece.Piece == content);
            return id < 0 ? null : new SpecialToken(content!, id);
        }
    }
}
