namespace MmKernels.Data.Tokenizers;

/// <summary>Removes some control characters and turns others, and unusual spaces, into a space: the first part of sentencepiece's nmt rules.</summary>
internal sealed record NmtNormalizer : Normalizer
{
    public override AlignedText Apply(AlignedText text) => AlignedTransform.Map(
        AlignedTransform.Filter(text, code => code is not (>= 1 and <= 8 or 0x0B or >= 0x0E and <= 0x1F or 0x7F or 0x8F or 0x9F)),
        code => code is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or >= 0x200B and <= 0x200F or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD ? ' ' : code);
}
