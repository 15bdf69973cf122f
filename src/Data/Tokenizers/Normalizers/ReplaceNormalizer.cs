namespace MmKernels.Data.Tokenizers;

/// <summary>Replaces every match; the new text is aligned with the last code point of the match.</summary>
internal sealed record ReplaceNormalizer(TextPattern Pattern, int[] Content) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        var matches = new List<(int Start, int End)>();
        Pattern.FindAll(text.Codes, matches);
        if (matches.Count == 0) return text;
        var result = new AlignedText(text.Length);
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            result.Append(text, done, start);
            foreach (int code in Content) result.AddAt(code, text, end - 1);
            done = end;
        }
        result.Append(text, done, text.Length);
        return result;
    }
}
