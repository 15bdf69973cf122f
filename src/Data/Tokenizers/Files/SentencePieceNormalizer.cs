namespace MmKernels.Data.Tokenizers;

/// <summary>sentencepiece's own normalizer: the character map by longest prefixes, spaces joined, trimmed and escaped, a space in front.</summary>
/// <param name="Map">The character map, if the model has one.</param>
/// <param name="Prefix">Whether a space is put in front.</param>
/// <param name="PrefixEverySection">Whether that holds for the text behind an added token too.</param>
/// <param name="RemoveExtra">Whether runs of spaces become one and those at the ends vanish.</param>
/// <param name="Space">What a space becomes: ▁, or a space where the model does not escape them.</param>
internal sealed record SentencePieceNormalizer(CharsMap? Map, bool Prefix, bool PrefixEverySection, bool RemoveExtra, int Space) : Normalizer
{
    private const int LongestPrefix = 64;   // bytes; the published maps stay far below

    public override AlignedText Apply(AlignedText text)
    {
        ReadOnlySpan<int> codes = text.Codes;
        var result = new AlignedText(codes.Length + 1);
        bool afterSpace = RemoveExtra;
        bool prefix = Prefix && (PrefixEverySection || codes.Length > 0 && text.Starts[0] == 0);
        Span<byte> bytes = stackalloc byte[LongestPrefix + 4];
        Span<int> replaced = stackalloc int[1];
        for (int at = 0; at < codes.Length;)
        {
            ReadOnlySpan<int> part = Replacement(codes, at, bytes, replaced, out int consumed);
            foreach (int code in part)
            {
                if (code == ' ' && afterSpace) continue;
                if (result.Length == 0 && prefix) result.Add(Space, text.Starts[at], text.Ends[at + consumed - 1]);
                result.Add(code == ' ' ? Space : code, text.Starts[at], text.Ends[at + consumed - 1]);
                afterSpace = false;
            }
            afterSpace = RemoveExtra && (part.Length == 0 ? afterSpace : part[^1] == ' ');
            at += consumed;
        }
        int end = result.Length;
        if (RemoveExtra)
            while (end > 0 && result.Codes[end - 1] == Space) end--;
        return result.Slice(0, end);
    }

    private ReadOnlySpan<int> Replacement(ReadOnlySpan<int> codes, int at, Span<byte> bytes, Span<int> single, out int consumed)
    {
        consumed = 1;
        single[0] = codes[at];
        if (Map is null) return single;
        int size = 0;
        for (int i = at; i < codes.Length && size < LongestPrefix; i++) size += CodePoints.ToUtf8(codes[i], bytes[size..]);
        if (Map.Find(bytes[..size], true, out int length) is not { } replacement) return single;
        consumed = 0;
        for (int taken = 0; taken < length; consumed++) taken += CodePoints.Utf8Bytes(codes[at + consumed]);
        return CodePoints.Of(System.Text.Encoding.UTF8.GetString(replacement.Span));
    }
}
