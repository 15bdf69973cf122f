namespace MmKernels.Data.Tokenizers;

/// <summary>Pieces of so many code points.</summary>
internal sealed record FixedLengthPreTokenizer(int Length) : PreTokenizer
{
    public override void Apply(Pieces pieces)
    {
        var result = new List<Piece>();
        foreach (Piece piece in pieces.Items)
        {
            if (piece.Id >= 0) result.Add(piece);
            else
                for (int start = piece.Start; start < piece.End; start += Math.Min(Length, piece.End - start))
                    result.Add(new Piece(start, start + Math.Min(Length, piece.End - start), -1));
        }
        pieces.Items = result;
    }
}
