namespace MmKernels.Data.Tokenizers;

/// <summary>A token that a post-processor adds.</summary>
internal sealed record SpecialToken(string Content, int Id)
{
    public Encoding Encode() => Encoding.Special([Id], [Content], 0);
}
