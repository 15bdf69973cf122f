namespace MmKernels.Data.Tokenizers;

/// <summary>
/// A tokenizer as tokenizer.json describes it: added tokens, normalizer, pre-tokenizer, model, post-processor, decoder.
/// Gives what the Hugging Face library gives, id for id. Immutable and safe for use by several threads.
/// </summary>
public sealed class Tokenizer
{
    private const long LargestFile = 1L << 28;
    private readonly AddedTokens added;
    private readonly Normalizer? normalizer;
    private readonly PreTokenizer? preTokenizer;
    private readonly Model model;
    private readonly PostProcessor? postProcessor;
    private readonly Decoder? decoder;

    private Tokenizer(AddedTokens added, Normalizer? normalizer, PreTokenizer? preTokenizer, Model model, PostProcessor? postProcessor, Decoder? decoder)
        => (this.added, this.normalizer, this.preTokenizer, this.model, this.postProcessor, this.decoder)
            = (added, normalizer, preTokenizer, model, postProcessor, decoder);

    /// <summary>Number of tokens, added ones included.</summary>
    public int VocabularySize => model.Vocabulary.Count + added.Beyond;

    /// <summary>The added tokens by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> AddedTokens => added.All;

    /// <summary>Loads a folder that holds tokenizer.json, or such a file.</summary>
    /// <exception cref="MmkException">MMK430 to MMK434: there is no such file or something in it is wrong.</exception>
    public static Tokenizer Load(string path)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, "tokenizer.json");
        var file = new FileInfo(path);
        if (!file.Exists) throw TextErrors.NotFound(path);
        if (file.Length > LargestFile) throw TextErrors.TooLarge(path, file.Length, LargestFile);
        byte[] bytes;
        try { bytes = File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw TextErrors.Unreadable(path, e); }
        return Parse(bytes, path);
    }

    /// <summary>Reads the text of a tokenizer.json; <paramref name="name"/> stands for it in messages.</summary>
    /// <exception cref="MmkException">MMK431 to MMK434: something in it is wrong.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> json, string name) => JsonView.Read(json, name, Parse);

    /// <summary>Tokenizes a text.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its special tokens.</param>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token.</exception>
    public Encoding Encode(string text, bool addSpecialTokens = true) => Finish([EncodeText(text, 0)], addSpecialTokens);

    /// <summary>Tokenizes a pair of texts, joined as the post-processor says.</summary>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token.</exception>
    public Encoding Encode(string first, string second, bool addSpecialTokens = true)
        => Finish([EncodeText(first, 0), EncodeText(second, 1)], addSpecialTokens);

    /// <summary>The text of some ids; ids that no token has are left out.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
        {
            string? token = added.Token(id) ?? model.Vocabulary.Token(id);
            if (token is not null && !(skipSpecialTokens && added.IsSpecial(token))) tokens.Add(token);
        }
        return decoder is null ? string.Join(' ', tokens) : string.Concat(decoder.Apply(tokens));
    }

    /// <summary>Starts decoding token by token.</summary>
    public TokenStream Stream(bool skipSpecialTokens = true) => new(this, skipSpecialTokens);

    /// <summary>The id of a token as the vocabulary spells it, or null.</summary>
    public int? TokenToId(string token)
    {
        int id = added.Id(token);
        if (id < 0) id = model.Vocabulary.Id(token);
        return id < 0 ? null : id;
    }

    /// <summary>How the vocabulary spells an id.</summary>
    /// <exception cref="MmkException">MMK437: no token has that id.</exception>
    public string IdToToken(int id) => added.Token(id) ?? model.Vocabulary.Token(id) ?? throw TextErrors.UnknownId(id, VocabularySize);

    private static Tokenizer Parse(JsonView view)
    {
        if (!view.IsObject) throw view.Wrong("an object");
        if (view["version"].TextOrNull() is string version && version != "1.0") throw TextErrors.WrongField(view["version"].Place, $"the version is {version}, only 1.0 is known");
        Normalizer? normalizer = Normalizer.Parse(view["normalizer"]);
        Model model = Model.Parse(view["model"]);
        JsonView list = view["added_tokens"];
        var tokens = new List<AddedToken>();
        if (list.Element.ValueKind != System.Text.Json.JsonValueKind.Undefined)
            foreach (JsonView item in list.Items())
            {
                item["id"].Count();
                tokens.Add(AddedToken.Parse(item));
            }
        return new Tokenizer(new AddedTokens(tokens, model.Vocabulary, normalizer), normalizer, PreTokenizer.Parse(view["pre_tokenizer"]), model,
            PostProcessor.Parse(view["post_processor"]), Decoder.Parse(view["decoder"]));
    }

    private Encoding EncodeText(string text, int sequence)
    {
        Pieces pieces = added.Extract(AlignedText.From(text), normalizer);
        preTokenizer?.Apply(pieces);
        var sink = new TokenSink(pieces.Text.Length / 3 + 8);
        ReadOnlySpan<int> codes = pieces.Text.Codes;
        for (int i = 0; i < pieces.Items.Count; i++)
        {
            Piece piece = pieces.Items[i];
            sink.Begin(pieces.Text, piece.Start, i);
            ReadOnlySpan<int> span = codes[piece.Start..piece.End];
            if (piece.Id < 0) model.Tokenize(span, sink);
            else sink.Add(piece.Id, 0, span.Length, CodePoints.ToText(span));
        }
        return new Encoding
        {
            Ids = sink.Ids, TypeIds = Encoding.Filled(sink.Count, sequence), Offsets = sink.Offsets, Words = sink.Words,
            Sequences = Encoding.Filled(sink.Count, sequence), SpecialMask = new int[sink.Count], AttentionMask = Encoding.Filled(sink.Count, 1),
            Names = IdToToken, Texts = sink.Texts,
        };
    }

    private Encoding Finish(List<Encoding> parts, bool addSpecialTokens)
        => Encoding.Join(postProcessor is null ? parts : postProcessor.Apply(parts, addSpecialTokens));
}
