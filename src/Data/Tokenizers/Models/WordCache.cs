namespace MmKernels.Data.Tokenizers;

/// <summary>
/// Remembers the tokens of short words. A word has one place, by its hash, where the last one stays; entries never change once they are published,
/// so that threads share the cache without locks and its memory is bounded.
/// </summary>
internal sealed class WordCache
{
    private const int Places = 1 << 14;
    private const int LongestWord = 24;
    private readonly Entry?[] entries = new Entry?[Places];

    private sealed record Entry(int[] Word, PieceToken[] Tokens);

    /// <summary>The word's tokens where they are remembered; else its place, or -1 for a word that is too long.</summary>
    public PieceToken[]? Find(ReadOnlySpan<int> word, out int place)
    {
        place = -1;
        if (word.Length > LongestWord) return null;
        uint hash = 2166136261;
        foreach (int code in word) hash = (hash ^ (uint)code) * 16777619;
        place = (int)((hash ^ hash >> 15) & Places - 1);
        Entry? entry = entries[place];
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Tokens : null;
    }

    public void Store(int place, ReadOnlySpan<int> word, ReadOnlySpan<PieceToken> tokens)
    {
        if (place >= 0) entries[place] = new Entry(word.ToArray(), tokens.ToArray());
    }
}
