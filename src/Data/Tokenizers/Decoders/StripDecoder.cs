namespace MmKernels.Data.Tokenizers;

/// <summary>Removes up to so many copies of one character from the start and the end of each token.</summary>
internal sealed record StripDecoder(int Content, int Start, int Stop) : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            ReadOnlySpan<int> codes = CodePoints.Of(tokens[i]);
            int start = 0, end = codes.Length;
            while (start < Start && start < codes.Length && codes[start] == Content) start++;
            while (codes.Length - end < Stop && end > start && codes[end - 1] == Content) end--;
            if (start > 0 || end < codes.Length) tokens[i] = CodePoints.ToText(codes[start..end]);
        }
        return tokens;
    }
}
