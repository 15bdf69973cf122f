namespace MmKernels.Data.Tokenizers;

/// <summary>The longest prefix that the vocabulary has, again and again; a word without a way through is unknown as a whole.</summary>
internal sealed class WordPieceModel : Model
{
    private readonly WordCache cache = new();
    private readonly string unknown;
    private readonly int unknownId;
    private readonly int[] prefix;
    private readonly int longestWord;
    private readonly int longestToken;

    public WordPieceModel(Vocabulary vocabulary, string unknown, string continuingPrefix, int longestWord) : base(vocabulary)
    {
        this.unknown = unknown;
        this.longestWord = longestWord;
        unknownId = vocabulary.Id(unknown);
        prefix = CodePoints.Of(continuingPrefix);
        foreach ((string token, _) in vocabulary.Entries) longestToken = Math.Max(longestToken, token.Length);
    }

    public static new WordPieceModel Parse(JsonView view) => new(Vocabulary.Parse(view["vocab"]), view["unk_token"].Text(),
        view["continuing_subword_prefix"].Text(), view["max_input_chars_per_word"].Count());

    public override void Tokenize(ReadOnlySpan<int> piece, TokenSink sink)
    {
        if (cache.Find(piece, out int place) is { } known)
        {
            sink.Add(known, 0);
            return;
        }
        Span<PieceToken> tokens = piece.Length <= 128 ? stackalloc PieceToken[128] : piece.Length <= longestWord ? new PieceToken[piece.Length] : default;
        int count = piece.Length <= longestWord ? Find(piece, tokens) : -1;
        if (count < 0)
        {
            if (unknownId < 0) throw TextErrors.NoUnknownToken($"the unknown token \"{unknown}\" of the WordPiece model is not in its vocabulary");
            sink.Add(unknownId, 0, piece.Length);
            return;
        }
        cache.Store(place, piece, tokens[..count]);
        sink.Add(tokens[..count], 0);
    }

    /// <summary>Writes the tokens and returns their number; -1 where there is no way through.</summary>
    private int Find(ReadOnlySpan<int> piece, Span<PieceToken> found)
    {
        char[]? large = longestToken + 2 * prefix.Length + 4 <= 512 ? null : new char[longestToken + 2 * prefix.Length + 4];
        Span<char> buffer = large ?? stackalloc char[512];
        int count = 0;
        for (int start = 0; start < piece.Length; start = found[count++].End)
        {
            int length = start == 0 ? 0 : CodePoints.ToUtf16(prefix, buffer), end = start;
            while (end < piece.Length && length < longestToken) length += CodePoints.ToUtf16(piece.Slice(end++, 1), buffer[length..]);
            int id = -1;
            for (; end > start; length -= piece[--end] < 0x10000 ? 1 : 2)
                if ((id = Vocabulary.Id(buffer[..length])) >= 0) break;
            if (id < 0) return -1;
            found[count] = new PieceToken(id, start, end);
        }
        return count;
    }
}
