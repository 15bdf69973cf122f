namespace MmKernels.Data.Tokenizers;

/// <summary>Several pre-tokenizers, one after the other.</summary>
internal sealed record PreTokenizerSequence(PreTokenizer[] Stages) : PreTokenizer
{
    public override void Apply(Pieces pieces)
    {
        foreach (PreTokenizer stage in Stages) stage.Apply(pieces);
    }
}
