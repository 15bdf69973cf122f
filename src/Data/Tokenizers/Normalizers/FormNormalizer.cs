namespace MmKernels.Data.Tokenizers;

/// <summary>Unicode normalization forms NFD, NFKD, NFC and NFKC.</summary>
internal sealed record FormNormalizer(bool Compatible, bool Composed) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        if (Decomposition.IsPlain(text.Codes)) return text;
        List<(int Code, int Change)> changes = Decomposition.Decompose(text.Codes, Compatible);
        return AlignedTransform.Apply(text, Composed ? Decomposition.Compose(changes) : changes);
    }
}
