namespace MmKernels.Data.Tokenizers;

/// <summary>BPEDecoder: the end-of-word suffix becomes a space, at the end of the text nothing.</summary>
internal sealed record SuffixDecoder(string Suffix) : TokenDecoder
{
    protected override string Rewrite(string token, int index, int count)
    {
        string space = index == count - 1 ? "" : " ";
        if (Suffix.Length > 0) return token.Replace(Suffix, space);
        // An empty suffix stands before, between and behind all characters.
        return space + string.Concat(token.EnumerateRunes().Select(rune => rune.ToString() + space));
    }
}
