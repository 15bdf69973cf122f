namespace MmKernels.Data.Tokenizers;

/// <summary>Replaces every match; the new text is aligned with the last code point of the match.</summary>
internal sealed record ReplaceNormalizer(TextPattern Pattern, int[] Content) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        AlignedText? result = null;
        int done = 0;
        for (int from = 0; from <= text.Length && Pattern.Next(text.Codes, from, out int start, out int end); from = Math.Max(end, from + 1))
        {
            result ??= new AlignedText(text.Length);
            result.Append(text, done, start);
            foreach (int code in Content) result.AddAt(code, text, end - 1);
            done = end;
        }
        if (result is null) return text;
        result.Append(text, done, text.Length);
        return result;
    }
}
