namespace MmKernels.Data.Tokenizers;

/// <summary>Small letters, code point by code point: a final sigma stays σ, and İ becomes i with U+0307.</summary>
internal sealed record LowercaseNormalizer : Normalizer
{
    public override AlignedText Apply(AlignedText text) => Lower(text);

    public static AlignedText Lower(AlignedText text)
    {
        if (text.Codes.IndexOf(0x130) < 0) return AlignedTransform.Map(text, Unicode.ToLower);
        var result = new AlignedText(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            result.AddAt(text.Codes[i] == 0x130 ? 'i' : Unicode.ToLower(text.Codes[i]), text, i);
            if (text.Codes[i] == 0x130) result.AddAt(0x307, text, i);
        }
        return result;
    }
}
