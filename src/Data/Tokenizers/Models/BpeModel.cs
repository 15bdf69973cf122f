namespace MmKernels.Data.Tokenizers;

/// <summary>Byte-pair encoding: symbols of single characters, then merges by rank (Sennrich et al. 2016, arXiv:1508.07909).</summary>
internal sealed class BpeModel : Model
{
    private const int ShortPiece = 16;
    private readonly MergeTable merges;
    private readonly BpeOptions options;
    private readonly SymbolTable first;
    private readonly SymbolTable middle;
    private readonly SymbolTable last;
    private readonly SymbolTable only;
    private readonly int[] byteIds = new int[256];
    private readonly int unknown;
    private readonly PairSet? crossed;
    private readonly WordCache cache = new();
    private BpeWord? spare;

    public BpeModel(Vocabulary vocabulary, IReadOnlyList<BpeMerge> merges, BpeOptions options, string place) : base(vocabulary)
    {
        this.options = options;
        this.merges = new MergeTable(merges.Count);
        for (int i = 0; i < merges.Count; i++)
        {
            (string left, string right, int rank) = merges[i];
            if (!right.StartsWith(options.ContinuingPrefix, StringComparison.Ordinal))
                throw TextErrors.Vocabulary($"{place}.merges[{i}]", $"\"{TextErrors.Short(right)}\" does not begin with the prefix \"{options.ContinuingPrefix}\"");
            this.merges.Add(Known(left, i), Known(right, i), rank, Known(left + right[options.ContinuingPrefix.Length..], i));
        }
        (string prefix, string suffix) = (options.ContinuingPrefix, options.EndOfWordSuffix);
        first = new SymbolTable(vocabulary, "", "");
        middle = prefix == "" ? first : new SymbolTable(vocabulary, prefix, "");
        last = suffix == "" ? middle : new SymbolTable(vocabulary, prefix, suffix);
        only = suffix == "" ? first : new SymbolTable(vocabulary, "", suffix);
        for (int i = 0; i < 256; i++) byteIds[i] = vocabulary.Id($"<0x{i:X2}>");
        unknown = options.UnknownToken is null ? -1 : vocabulary.Id(options.UnknownToken);
        crossed = FindCrossed(merges);

        int Known(string token, int index)
        {
            int id = Vocabulary.Id(token);
            return id >= 0 ? id : throw TextErrors.Vocabulary($"{place}.merges[{index}]", $"the token \"{TextErrors.Short(token)}\" is not in the vocabulary");
        }
    }

    public static new BpeModel Parse(JsonView view)
    {
        JsonView dropout = view["dropout"];
        if (!dropout.IsNull && dropout.Number() is < 0 or > 1) throw dropout.Wrong("a number between 0 and 1");
        var options = new BpeOptions(view["unk_token"].TextOrNull(), view["continuing_subword_prefix"].TextOrNull() ?? "",
            view["end_of_word_suffix"].TextOrNull() ?? "", view["fuse_unk"].Flag(false), view["byte_fallback"].Flag(false), view["ignore_merges"].Flag(false));
        return new BpeModel(Vocabulary.Parse(view["vocab"]), ParseMerges(view["merges"]), options, view.Place);
    }

    public override void Tokenize(ReadOnlySpan<int> piece, TokenSink sink)
    {
        if (crossed is null || piece.Length <= ShortPiece)
        {
            TokenizeWord(piece, 0, sink);
            return;
        }
        int start = 0;
        for (int i = 1; i < piece.Length; i++)
        {
            if (crossed.Contains(piece[i - 1], piece[i]) || first.Id(piece[i - 1]) < 0 && first.Id(piece[i]) < 0) continue;
            TokenizeWord(piece[start..i], start, sink);
            start = i;
        }
        TokenizeWord(piece[start..], start, sink);
    }

    /// <summary>Tokenizes a word that begins at <paramref name="offset"/> of its piece.</summary>
    private void TokenizeWord(ReadOnlySpan<int> word, int offset, TokenSink sink)
    {
        if (cache.Find(word, out int place) is { } known)
        {
            sink.Add(known, offset);
            return;
        }
        BpeWord symbols = Interlocked.Exchange(ref spare, null) ?? new BpeWord();
        ReadOnlySpan<PieceToken> tokens = Merge(word, symbols);
        cache.Store(place, word, tokens);
        sink.Add(tokens, offset);
        if (symbols.IsSmall) spare = symbols;
    }

    private ReadOnlySpan<PieceToken> Merge(ReadOnlySpan<int> word, BpeWord symbols)
    {
        int whole = options.IgnoreMerges ? Vocabulary.Id(word) : -1;
        if (whole >= 0) return new PieceToken[] { new(whole, 0, word.Length) };
        symbols.Clear();
        AddSymbols(word, symbols);
        symbols.Merge(merges);
        return symbols.Tokens(word);
    }

    /// <summary>
    /// The pairs of characters that some merge joins. A piece may be cut between any other two without changing its tokens, which keeps words short where
    /// no pre-tokenizer does. Null where cuts could be seen: affixes, whole words, or merges of unknown and byte tokens.
    /// </summary>
    private PairSet? FindCrossed(IReadOnlyList<BpeMerge> list)
    {
        if (options.IgnoreMerges || options.ContinuingPrefix != "" || options.EndOfWordSuffix != "") return null;
        var special = new HashSet<string>(options.UnknownToken is null ? [] : [options.UnknownToken]);
        if (options.ByteFallback)
            for (int i = 0; i < 256; i++) special.Add($"<0x{i:X2}>");
        var pairs = new PairSet();
        foreach ((string left, string right, _) in list)
        {
            if (left == "" || right == "" || special.Contains(left) || special.Contains(right)) return null;
            pairs.Add(CodePoints.Of(left)[^1], CodePoints.Of(right)[0]);
        }
        return pairs;
    }

    private void AddSymbols(ReadOnlySpan<int> piece, BpeWord word)
    {
        int pending = 0;   // bytes of the unknown token that is still growing
        for (int i = 0; i < piece.Length; i++)
        {
            bool isLast = i == piece.Length - 1;
            SymbolTable table = i == 0 ? isLast ? only : first : isLast ? last : middle;
            int id = table.Id(piece[i]);
            if (id >= 0)
            {
                if (pending > 0) word.Add(Unknown(), pending);
                pending = 0;
                word.Add(id, CodePoints.Utf8Bytes(piece[i]));
            }
            else if (!options.ByteFallback || !AddBytes(piece[i], i > 0, isLast, word))
            {
                // The reference does not close a pending unknown token before byte tokens: it comes after them.
                if (options.UnknownToken is null) continue;
                if (pending > 0 && !options.FuseUnknown)
                {
                    word.Add(Unknown(), pending);
                    pending = 0;
                }
                pending += CodePoints.Utf8Bytes(piece[i]);
            }
        }
        if (pending > 0) word.Add(Unknown(), pending);
    }

    /// <summary>Adds a character's bytes, with those of prefix and suffix, if the vocabulary has all of them.</summary>
    private bool AddBytes(int code, bool continues, bool isLast, BpeWord word)
    {
        Span<byte> character = stackalloc byte[4];
        character = character[..CodePoints.ToUtf8(code, character)];
        byte[]? affixed = null;
        if (continues && options.ContinuingPrefix != "" || isLast && options.EndOfWordSuffix != "")
            affixed = [.. System.Text.Encoding.UTF8.GetBytes(continues ? options.ContinuingPrefix : ""), .. character,
                .. System.Text.Encoding.UTF8.GetBytes(isLast ? options.EndOfWordSuffix : "")];
        ReadOnlySpan<byte> bytes = affixed ?? character;
        foreach (byte b in bytes)
            if (byteIds[b] < 0) return false;
        foreach (byte b in bytes) word.Add(byteIds[b], 1);
        return true;
    }

    private int Unknown() => unknown >= 0 ? unknown
        : throw TextErrors.NoUnknownToken($"the unknown token \"{options.UnknownToken}\" of the BPE model is not in its vocabulary");

    /// <summary>Merges are pairs, or in older files strings with one space; one file uses one spelling.</summary>
    private static List<BpeMerge> ParseMerges(JsonView view)
    {
        List<JsonView> items = view.Items();
        var merges = new List<BpeMerge>(items.Count);
        bool asText = items.Count > 0 && items[0].IsString;
        foreach (JsonView item in items)
        {
            if (asText)
            {
                string text = item.Text();
                if (text.StartsWith("#version", StringComparison.Ordinal)) continue;
                string[] halves = text.Split(' ');
                if (halves.Length != 2) throw item.Wrong("two tokens with one space between them");
                merges.Add(new BpeMerge(halves[0], halves[1], merges.Count));
            }
            else
            {
                List<JsonView> pair = item.IsArray ? item.Items() : [];
                if (pair.Count != 2) throw item.Wrong("a pair of tokens, like all merges of the file,");
                merges.Add(new BpeMerge(pair[0].Text(), pair[1].Text(), merges.Count));
            }
        }
        return merges;
    }
}
