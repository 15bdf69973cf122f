namespace MmKernels.Data.Tokenizers;

/// <summary>Several decoders, one after the other.</summary>
internal sealed record DecoderSequence(Decoder[] Stages) : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        foreach (Decoder stage in Stages) tokens = stage.Apply(tokens);
        return tokens;
    }
}
