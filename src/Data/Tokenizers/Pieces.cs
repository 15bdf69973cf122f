namespace MmKernels.Data.Tokenizers;

/// <summary>A range of <see cref="Pieces.Text"/>; an added token carries its id, everything else -1.</summary>
internal readonly record struct Piece(int Start, int End, int Id);

/// <summary>The text between the normalizer and the model: one aligned text, cut into pieces.</summary>
internal sealed class Pieces
{
    public AlignedText Text { get; set; } = new(16);

    public List<Piece> Items { get; set; } = [];

    /// <summary>
    /// Puts a character before every piece that does not begin with it, is no added token and whose start in the original <paramref name="where"/> accepts.
    /// It is aligned with the piece's first code point.
    /// </summary>
    public void Prepend(int code, Func<int, bool> where)
    {
        var text = new AlignedText(Text.Length + Items.Count);
        for (int i = 0; i < Items.Count; i++)
        {
            Piece piece = Items[i];
            int start = text.Length;
            if (piece.Id < 0 && Text.Codes[piece.Start] != code && where(Text.Starts[piece.Start])) text.AddAt(code, Text, piece.Start);
            text.Append(Text, piece.Start, piece.End);
            Items[i] = piece with { Start = start, End = text.Length };
        }
        Text = text;
    }

    /// <summary>Appends a range of another text as one piece; an empty range is dropped.</summary>
    public void Append(AlignedText source, int start, int end, int id)
    {
        if (start >= end) return;
        int at = Text.Length;
        Text.Append(source, start, end);
        Items.Add(new Piece(at, Text.Length, id));
    }
}
