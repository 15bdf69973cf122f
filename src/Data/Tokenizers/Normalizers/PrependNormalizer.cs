namespace MmKernels.Data.Tokenizers;

/// <summary>Puts a string in front of text that is not empty; it is aligned with the first code point.</summary>
internal sealed record PrependNormalizer(int[] Content) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        if (text.Length == 0 || Content.Length == 0) return text;
        AlignedText.CheckGrowth((long)text.Length + Content.Length, text.Ends[^1]);
        var result = new AlignedText(text.Length + Content.Length);
        foreach (int code in Content) result.AddAt(code, text, 0);
        result.Append(text, 0, text.Length);
        return result;
    }
}
