namespace MmKernels.Data.Tokenizers;

/// <summary>Cuts pieces at the matches of a pattern.</summary>
internal static class PieceSplitter
{
    public static SplitBehavior Parse(JsonView view) => view.Text() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw view.Wrong("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous"),
    };

    /// <summary>Splits every piece that is not an added token.</summary>
    public static void Split(Pieces pieces, TextPattern pattern, SplitBehavior behavior, bool invert)
    {
        var result = new List<Piece>(Math.Max(pieces.Items.Count, pieces.Text.Length / 4));
        var matches = new List<(int Start, int End)>();
        foreach (Piece piece in pieces.Items)
        {
            if (piece.Id >= 0)
            {
                result.Add(piece);
                continue;
            }
            matches.Clear();
            pattern.FindAll(pieces.Text.Codes[piece.Start..piece.End], matches);
            Cut(piece, matches, behavior, invert, result);
        }
        pieces.Items = result;
    }

    private static void Cut(Piece piece, List<(int Start, int End)> matches, SplitBehavior behavior, bool invert, List<Piece> result)
    {
        var parts = new PartList(piece, behavior, result);
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            if (done != start) parts.Add(done, start, invert);
            parts.Add(start, end, !invert);
            done = end;
        }
        if (done != piece.End - piece.Start) parts.Add(done, piece.End - piece.Start, invert);
        parts.Finish();
    }

    /// <summary>Joins neighbouring parts as the behavior says; empty ones are dropped.</summary>
    private ref struct PartList(Piece piece, SplitBehavior behavior, List<Piece> result)
    {
        private int start = -1;
        private int end;
        private bool previous;

        public void Add(int from, int to, bool isMatch)
        {
            bool join = start >= 0 && behavior switch
            {
                SplitBehavior.Contiguous => isMatch == previous,
                SplitBehavior.MergedWithPrevious => isMatch && !previous,
                SplitBehavior.MergedWithNext => previous && !isMatch,
                _ => false,
            };
            previous = isMatch;
            if (join)
            {
                end = to;
                return;
            }
            Finish();
            if (isMatch && behavior == SplitBehavior.Removed) return;
            (start, end) = (from, to);
        }

        public void Finish()
        {
            if (start >= 0 && end > start) result.Add(new Piece(piece.Start + start, piece.Start + end, -1));
            start = -1;
        }
    }
}
