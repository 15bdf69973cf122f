namespace MmKernels.Data.Tokenizers;

/// <summary>
/// Decodes token by token. Text whose last character may still change (an incomplete UTF-8 sequence shows as U+FFFD) is held back until a
/// later token completes it or <see cref="Flush"/> is called; for ids that <see cref="Tokenizer.Encode(string, bool)"/> made, the pieces concatenate to what decoding all ids gives.
/// Not safe for use by several threads at once.
/// </summary>
public sealed class TokenStream
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecialTokens;
    private readonly List<int> kept = [];
    private string prefix = "";
    private int prefixIds;

    internal TokenStream(Tokenizer tokenizer, bool skipSpecialTokens) => (this.tokenizer, this.skipSpecialTokens) = (tokenizer, skipSpecialTokens);

    /// <summary>Takes the next id; the text that it completes, or null where it is held back.</summary>
    public string? Add(int id)
    {
        if (prefix.Length == 0 && kept.Count > 0)
        {
            string before = Decode();
            if (!before.EndsWith('\uFFFD')) (prefix, prefixIds) = (before, kept.Count);
        }
        kept.Add(id);
        string text = Decode();
        if (text.Length <= prefix.Length || text.EndsWith('\uFFFD')) return null;
        string piece = text[prefix.Length..];
        int emitted = kept.Count - prefixIds;
        kept.RemoveRange(0, prefixIds);
        (prefix, prefixIds) = (Decode(), emitted);
        return piece;
    }

    /// <summary>Ends the stream: what was held back, "" where nothing was. The stream can then be used for another text.</summary>
    public string Flush()
    {
        string text = Decode();
        string rest = text.Length > prefix.Length ? text[prefix.Length..] : "";
        kept.Clear();
        (prefix, prefixIds) = ("", 0);
        return rest;
    }

    private string Decode() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept), skipSpecialTokens);
}
