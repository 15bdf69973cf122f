namespace MmKernels.Data.Tokenizers;

/// <summary>Cuts at the matches of a pattern, or with <paramref name="Invert"/> at what lies between them.</summary>
internal sealed record SplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Invert) : PreTokenizer
{
    public override void Apply(Pieces pieces) => PieceSplitter.Split(pieces, Pattern, Behavior, Invert);
}
