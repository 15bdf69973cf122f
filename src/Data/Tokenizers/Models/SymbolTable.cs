namespace MmKernels.Data.Tokenizers;

/// <summary>Ids of the tokens that consist of one code point between a fixed prefix and suffix.</summary>
internal sealed class SymbolTable
{
    private const int Direct = 0x3000;   // covers the scripts that text is mostly made of
    private readonly int[] direct = new int[Direct];
    private readonly Dictionary<int, int> others = [];

    public SymbolTable(Vocabulary vocabulary, string prefix, string suffix)
    {
        Array.Fill(direct, -1);
        foreach ((string token, int id) in vocabulary.Entries)
        {
            if (token.Length > prefix.Length + suffix.Length + 2 || token.Length <= prefix.Length + suffix.Length) continue;
            if (!token.StartsWith(prefix, StringComparison.Ordinal) || !token.EndsWith(suffix, StringComparison.Ordinal)) continue;
            int code = CodePoints.Single(token[prefix.Length..^suffix.Length]);
            if (code < 0) continue;
            if (code < Direct) direct[code] = id;
            else others[code] = id;
        }
    }

    /// <summary>The id, or -1.</summary>
    public int Id(int code) => (uint)code < Direct ? direct[code] : others.GetValueOrDefault(code, -1);
}
