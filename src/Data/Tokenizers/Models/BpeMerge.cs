namespace MmKernels.Data.Tokenizers;

/// <summary>Two tokens that merge; lower ranks merge first, equal ranks from left to right.</summary>
internal readonly record struct BpeMerge(string Left, string Right, int Rank)
{
    private const int LongestToken = 512;   // every way to halve a token is looked up

    /// <summary>
    /// All the ways to make every token of two others, with the token's own rank: what vocabularies mean that rank tokens instead of listing merges.
    /// </summary>
    public static List<BpeMerge> OfRankedTokens(Vocabulary vocabulary, IEnumerable<(string Token, int Rank)> tokens, string place)
    {
        var merges = new List<BpeMerge>();
        foreach ((string token, int rank) in tokens)
        {
            if (token.Length > LongestToken) throw TextErrors.Vocabulary(place, $"a token of {token.Length} characters; the most is {LongestToken}");
            for (int i = 1; i < token.Length; i++)
            {
                if (char.IsLowSurrogate(token[i])) continue;
                if (vocabulary.Id(token.AsSpan(0, i)) >= 0 && vocabulary.Id(token.AsSpan(i)) >= 0) merges.Add(new BpeMerge(token[..i], token[i..], rank));
            }
        }
        return merges;
    }
}
