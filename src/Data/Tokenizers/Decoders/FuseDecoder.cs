namespace MmKernels.Data.Tokenizers;

/// <summary>Joins all tokens into one, so that later stages see the whole text.</summary>
internal sealed record FuseDecoder : Decoder
{
    public override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
}
