namespace MmKernels.Data.Tokenizers;

/// <summary>Removes white space at the start and the end.</summary>
internal sealed record StripNormalizer(bool Left, bool Right) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        ReadOnlySpan<int> codes = text.Codes;
        int start = 0, end = codes.Length;
        if (Left)
            while (start < end && Unicode.IsWhiteSpace(codes[start])) start++;
        if (Right)
            while (end > start && Unicode.IsWhiteSpace(codes[end - 1])) end--;
        return text.Slice(start, end);
    }
}
