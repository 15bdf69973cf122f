namespace MmKernels.Data.Tokenizers;

/// <summary>Removes all marks.</summary>
internal sealed record StripAccentsNormalizer : Normalizer
{
    public override AlignedText Apply(AlignedText text) => AlignedTransform.Filter(text, code => !Unicode.IsMark(code));
}
