namespace MmKernels.Data.Tokenizers;

/// <summary>Spaces become a mark, one is put in front where the scheme says so, and optionally every mark begins a piece.</summary>
internal sealed record MetaspacePreTokenizer(int Mark, PrependScheme Scheme, bool Split) : PreTokenizer
{
    public override void Apply(Pieces pieces)
    {
        Replace(pieces);
        if (Scheme != PrependScheme.Never) pieces.Prepend(Mark, start => Scheme == PrependScheme.Always || start == 0);
        if (Split) PieceSplitter.Split(pieces, new LiteralPattern([Mark]), SplitBehavior.MergedWithNext, false);
    }

    private void Replace(Pieces pieces)
    {
        AlignedText source = pieces.Text;
        if (source.Codes.IndexOf(' ') < 0) return;
        var text = new AlignedText(source.Length);
        foreach (Piece piece in pieces.Items)
            for (int i = piece.Start; i < piece.End; i++)
                text.AddAt(piece.Id < 0 && source.Codes[i] == ' ' ? Mark : source.Codes[i], source, i);
        (pieces.Text, int moved) = (text, 0);
        for (int i = 0; i < pieces.Items.Count; i++)
        {
            Piece piece = pieces.Items[i];
            pieces.Items[i] = piece with { Start = moved, End = moved += piece.End - piece.Start };
        }
    }

    public static new MetaspacePreTokenizer Parse(JsonView view)
        => new(view["replacement"].Character(), ParseScheme(view), view["split"].Flag(true));

    /// <summary>prepend_scheme, or in older files add_prefix_space, which must not contradict it.</summary>
    public static PrependScheme ParseScheme(JsonView view)
    {
        bool addPrefix = view["add_prefix_space"].Flag(true);
        JsonView scheme = view["prepend_scheme"];
        PrependScheme declared = scheme.TextOrNull() switch
        {
            null => addPrefix ? PrependScheme.Always : PrependScheme.Never,
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw scheme.Wrong("always, first or never"),
        };
        return addPrefix || declared == PrependScheme.Never ? declared
            : throw TextErrors.WrongField(view.Place, "add_prefix_space does not match the declared prepend_scheme");
    }
}
