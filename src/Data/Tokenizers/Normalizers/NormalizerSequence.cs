namespace MmKernels.Data.Tokenizers;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed record NormalizerSequence(Normalizer[] Stages) : Normalizer
{
    public override AlignedText Apply(AlignedText text)
    {
        foreach (Normalizer stage in Stages) text = stage.Apply(text);
        return text;
    }
}
