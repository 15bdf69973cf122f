namespace MmKernels.Data.Tokenizers;

/// <summary>Takes the white space at the ends of byte-level tokens out of their offsets.</summary>
/// <param name="AddedPrefixSpace">The first token's first space is not of the text and stays uncounted.</param>
internal sealed record OffsetTrimmer(bool AddedPrefixSpace)
{
    public Encoding Apply(Encoding encoding)
    {
        var offsets = new Offset[encoding.Length];
        for (int i = 0; i < offsets.Length; i++) offsets[i] = Trim(encoding.Tokens[i], encoding.Offsets[i], i == 0);
        return encoding.With(offsets, [.. encoding.Overflow.Select(Apply)]);
    }

    private Offset Trim(string token, Offset offset, bool first)
    {
        int leading = 0, trailing = 0;
        while (leading < token.Length && IsSpace(token[leading])) leading++;
        while (trailing < token.Length && IsSpace(token[token.Length - 1 - trailing])) trailing++;
        (int start, int end) = (offset.Start, offset.End);
        if (leading > 0)
        {
            if (AddedPrefixSpace && (first || start == 0)) leading--;
            start = Math.Min(start + leading, end);
        }
        if (trailing > 0 && end >= trailing) end = Math.Max(end - trailing, start);
        return new Offset(start, end);
    }

    private static bool IsSpace(char c) => c == ByteCharacters.Code(' ') || char.IsWhiteSpace(c);
}
