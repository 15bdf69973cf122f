namespace MmKernels.Data.Tokenizers;

/// <summary>GPT-2's stage: an optional space in front, an optional split into words, then every byte as a printable character.</summary>
internal sealed record ByteLevelPreTokenizer(bool AddPrefixSpace, bool UseRegex) : PreTokenizer
{
    private static readonly RegexPattern Words = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", "ByteLevel");

    public override void Apply(Pieces pieces)
    {
        if (AddPrefixSpace) pieces.Prepend(' ', _ => true);
        if (UseRegex) PieceSplitter.Split(pieces, Words, SplitBehavior.Isolated, false);
        AlignedText text = pieces.Text;
        var bytes = new AlignedText(text.Length + text.Length / 8);
        List<Piece> items = pieces.Items;
        for (int i = 0; i < items.Count; i++)
        {
            int start = bytes.Length;
            if (items[i].Id < 0) ByteCharacters.Append(text, items[i].Start, items[i].End, bytes);
            else bytes.Append(text, items[i].Start, items[i].End);
            items[i] = items[i] with { Start = start, End = bytes.Length };
        }
        pieces.Text = bytes;
    }
}
