namespace MmKernels.Data.Tokenizers;

/// <summary>A range of <see cref="Pieces.Text"/>; an added token carries its id, everything else -1.</summary>
internal readonly record struct Piece(int Start, int End, int Id);

/// <summary>The text between the normalizer and the model: one aligned text, cut into pieces.</summary>
internal sealed class Pieces
{
    public AlignedText Text { get; set; } = new(16);

    public List<Piece> Items { get; set; } = [];

    /// <summary>Appends a range of another text as one piece; an empty range is dropped.</summary>
    public void Append(AlignedText source, int start, int end, int id)
    {
        if (start >= end) return;
        int at = Text.Length;
        Text.Append(source, start, end);
        Items.Add(new Piece(at, Text.Length, id));
    }
}
