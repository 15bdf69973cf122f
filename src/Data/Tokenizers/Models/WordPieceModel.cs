using System.Buffers;

namespace MmKernels.Data.Tokenizers;

/// <summary>The longest prefix that the vocabulary has, again and again; a word without a way through is unknown as a whole.</summary>
internal sealed class WordPieceModel : Model
{
    private readonly WordCache cache = new();
    private readonly string unknown;
    private readonly int unknownId;
    private readonly string prefix;
    private readonly int longestWord;
    private readonly int[] lengths;   // of the tokens in UTF-16 units, longest first

    public WordPieceModel(Vocabulary vocabulary, string unknown, string continuingPrefix, int longestWord) : base(vocabulary)
    {
        this.unknown = unknown;
        this.longestWord = longestWord;
        unknownId = vocabulary.Id(unknown);
        prefix = continuingPrefix;
        lengths = [.. vocabulary.Entries.Select(entry => entry.Key.Length).Distinct().OrderDescending()];
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
        int room = prefix.Length + 2 * piece.Length;
        char[]? rented = room <= 512 ? null : ArrayPool<char>.Shared.Rent(room);
        Span<char> buffer = rented ?? stackalloc char[512];
        int end = prefix.Length + CodePoints.ToUtf16(piece, buffer[prefix.Length..]), count = 0;
        for (int at = prefix.Length, start = 0; at < end;)
        {
            // The prefix is put over what has been consumed, right before the rest of the word.
            if (start > 0) prefix.CopyTo(buffer[(at - prefix.Length)..]);
            int stop = LongestToken(buffer[..end], start == 0 ? at : at - prefix.Length, at, out int id);
            if (stop < 0)
            {
                count = -1;
                break;
            }
            int first = start;
            for (; at < stop; start++) at += char.IsHighSurrogate(buffer[at]) ? 2 : 1;
            found[count++] = new PieceToken(id, first, start);
        }
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
        return count;
    }

    /// <summary>The end of the longest token that begins at <paramref name="from"/> and reaches beyond <paramref name="at"/>, or -1.</summary>
    private int LongestToken(ReadOnlySpan<char> word, int from, int at, out int id)
    {
        foreach (int length in lengths)
        {
            int stop = from + length;
            if (stop > word.Length || stop < word.Length && char.IsLowSurrogate(word[stop])) continue;
            if (stop <= at) break;
            id = Vocabulary.Id(word[from..stop]);
            if (id >= 0) return stop;
        }
        id = -1;
        return -1;
    }
}
