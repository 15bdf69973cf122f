using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>BERT's cleaning: control characters, spaces around CJK ideographs, accents, case.</summary>
internal sealed record BertNormalizer(bool CleanText, bool SpaceChinese, bool StripAccents, bool Lowercase) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        if (CleanText) text = AlignedTransform.Map(AlignedTransform.Filter(text, code => !IsControl(code)), code => Unicode.IsWhiteSpace(code) ? ' ' : code);
        if (SpaceChinese) text = Space(text);
        if (StripAccents && !Decomposition.IsPlain(text.Codes))
        {
            text = AlignedTransform.Apply(text, Decomposition.Decompose(text.Codes, false));
            text = AlignedTransform.Filter(text, code => Unicode.Category(code) != UnicodeCategory.NonSpacingMark);
        }
        return Lowercase ? LowercaseNormalizer.Lower(text) : text;
    }

    private static AlignedText Space(AlignedText text)
    {
        ReadOnlySpan<int> codes = text.Codes;
        int first = 0;
        while (first < codes.Length && !IsChinese(codes[first])) first++;
        if (first == codes.Length) return text;
        var result = new AlignedText(codes.Length * 2);
        result.Append(text, 0, first);
        for (int i = first; i < codes.Length; i++)
        {
            bool chinese = IsChinese(codes[i]);
            if (chinese) result.AddAt(' ', text, i);
            result.AddAt(codes[i], text, i);
            if (chinese) result.AddAt(' ', text, i);
        }
        return result;
    }

    private static bool IsControl(int code) => code is 0 or 0xFFFD || code is not ('\t' or '\n' or '\r')
        && Unicode.Category(code) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    private static bool IsChinese(int code) => code is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F
        or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F;
}
