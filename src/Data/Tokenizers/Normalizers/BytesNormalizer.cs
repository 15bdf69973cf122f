namespace MmKernels.Data.Tokenizers;

/// <summary>Every byte of the text's UTF-8 becomes its printable character.</summary>
internal sealed record BytesNormalizer : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        var result = new AlignedText(text.Length);
        ByteCharacters.Append(text, 0, text.Length, result);
        return result;
    }
}
