namespace MmKernels.Data.Tokenizers;

/// <summary>
/// A tokenizer as tokenizer.json describes it: added tokens, normalizer, pre-tokenizer, model, post-processor, decoder.
/// Gives what the Hugging Face library gives, id for id. Immutable and safe for use by several threads.
/// </summary>
public sealed class Tokenizer
{
    private readonly AddedTokens added;
    private readonly Normalizer? normalizer;
    private readonly PreTokenizer? preTokenizer;
    private readonly Model model;
    private readonly PostProcessor? postProcessor;
    private readonly Decoder? decoder;

    internal Tokenizer(IEnumerable<AddedToken> addedTokens, Normalizer? normalizer, PreTokenizer? preTokenizer, Model model, PostProcessor? postProcessor, Decoder? decoder)
    {
        (this.normalizer, this.preTokenizer, this.model, this.postProcessor, this.decoder) = (normalizer, preTokenizer, model, postProcessor, decoder);
        added = new AddedTokens(addedTokens, model.Vocabulary, normalizer);
    }

    private Tokenizer(Tokenizer other)
    {
        (added, normalizer, preTokenizer, model, postProcessor, decoder) = (other.added, other.normalizer, other.preTokenizer, other.model, other.postProcessor, other.decoder);
        (Truncation, Padding) = (other.Truncation, other.Padding);
    }

    /// <summary>What shortens encodings, or null.</summary>
    public Truncation? Truncation { get; private init; }

    /// <summary>What fills encodings up, or null.</summary>
    public Padding? Padding { get; private init; }

    /// <summary>The same tokenizer with another truncation and padding.</summary>
    public Tokenizer With(Truncation? truncation, Padding? padding) => new(this) { Truncation = truncation, Padding = padding };

    /// <summary>Number of tokens, added ones included.</summary>
    public int VocabularySize => model.Vocabulary.Count + added.Beyond;

    /// <summary>The added tokens by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> AddedTokens => added.All;

    /// <summary>
    /// Loads a checkpoint folder or one file: tokenizer.json, vocab.json with merges.txt, vocab.txt, a .tiktoken file, a sentencepiece .model file, in a folder looked for in about this order.
    /// Beside the older formats the folder's tokenizer_config.json, special_tokens_map.json and added_tokens.json are read; a .model file named as a file is taken as the sentencepiece library takes it.
    /// </summary>
    /// <exception cref="MmkException">MMK430 to MMK435, MMK446 to MMK448, MMK400 to MMK412: there is no such file or something in it is wrong.</exception>
    public static Tokenizer Load(string path) => TokenizerLocation.Load(path);

    /// <summary>Reads the text of a tokenizer.json; <paramref name="name"/> stands for it in messages.</summary>
    /// <exception cref="MmkException">MMK431 to MMK434: something in it is wrong.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> json, string name) => JsonView.Read(json, name, Parse);

    /// <summary>Tokenizes a text.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its special tokens.</param>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token; MMK439: truncation is impossible.</exception>
    public Encoding Encode(string text, bool addSpecialTokens = true) => Finish([EncodeText(text, 0)], addSpecialTokens);

    /// <summary>Tokenizes a pair of texts, joined as the post-processor says.</summary>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token; MMK439: truncation is impossible.</exception>
    public Encoding Encode(string first, string second, bool addSpecialTokens = true)
        => Finish([EncodeText(first, 0), EncodeText(second, 1)], addSpecialTokens);

    /// <summary>Tokenizes several texts; padding without a length of its own fills all of them up to the longest.</summary>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token; MMK439: truncation is impossible.</exception>
    public IReadOnlyList<Encoding> EncodeBatch(IEnumerable<string> texts, bool addSpecialTokens = true)
        => Pad([.. texts.Select(text => Join([EncodeText(text, 0)], addSpecialTokens))]);

    /// <summary>Tokenizes several pairs of texts; padding without a length of its own fills all of them up to the longest.</summary>
    /// <exception cref="MmkException">MMK438: a character is unknown and the model has no unknown token; MMK439: truncation is impossible.</exception>
    public IReadOnlyList<Encoding> EncodeBatch(IEnumerable<(string First, string Second)> pairs, bool addSpecialTokens = true)
        => Pad([.. pairs.Select(pair => Join([EncodeText(pair.First, 0), EncodeText(pair.Second, 1)], addSpecialTokens))]);

    /// <summary>What the normalizer makes of a text.</summary>
    public string Normalize(string text) => normalizer is null ? text : normalizer.Apply(AlignedText.From(text)).ToString();

    /// <summary>The pieces that the pre-tokenizer cuts a text into, without looking for added tokens or normalizing; ranges in code points.</summary>
    public IReadOnlyList<(string Piece, Offset Range)> PreTokenize(string text)
    {
        var pieces = new Pieces();
        AlignedText aligned = AlignedText.From(text);
        pieces.Append(aligned, 0, aligned.Length, -1);
        preTokenizer?.Apply(pieces);
        return pieces.Items.ConvertAll(piece => (CodePoints.ToText(pieces.Text.Codes[piece.Start..piece.End]),
            new Offset(pieces.Text.Starts[piece.Start], pieces.Text.Ends[piece.End - 1])));
    }

    /// <summary>The text of some ids; ids that no token has are left out.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
        {
            if (skipSpecialTokens && added.IsSpecial(id)) continue;
            string? token = added.Shown(id) ?? model.Vocabulary.Token(id);
            if (token is not null) tokens.Add(token);
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
            foreach (JsonView item in list.Items()) tokens.Add(Tokenizers.AddedTokens.Parse(item));
        return new Tokenizer(tokens, normalizer, PreTokenizer.Parse(view["pre_tokenizer"]), model, PostProcessor.Parse(view["post_processor"]), Decoder.Parse(view["decoder"]))
        {
            Truncation = Truncation.Parse(view["truncation"]), Padding = Padding.Parse(view["padding"]),
        };
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
    {
        Encoding joined = Join(parts, addSpecialTokens);
        return Padding is null ? joined : Padding.Apply([joined])[0];
    }

    private Encoding Join(List<Encoding> parts, bool addSpecialTokens)
    {
        if (Truncation is not null) parts = Truncation.Apply(parts, addSpecialTokens && postProcessor is not null ? postProcessor.Added(parts.Count == 2) : 0);
        return Encoding.Join(postProcessor is null ? parts : postProcessor.Apply(parts, addSpecialTokens));
    }

    private IReadOnlyList<Encoding> Pad(List<Encoding> batch) => Padding is null || batch.Count == 0 ? batch : Padding.Apply(batch);
}
