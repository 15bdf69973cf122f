namespace MmKernels.Data.Tokenizers;

/// <summary>Cuts where the script changes; spaces belong to any script, kana count as Han. Text before the first script is dropped, as in the reference.</summary>
internal sealed record ScriptsPreTokenizer : PreTokenizer
{
    private const int Any = -1, None = -2;

    public override void Apply(Pieces pieces)
    {
        var result = new List<Piece>();
        int han = Scripts.Find("han")!.Value, hiragana = Scripts.Find("hiragana")!.Value, katakana = Scripts.Find("katakana")!.Value;
        foreach (Piece piece in pieces.Items)
        {
            if (piece.Id >= 0)
            {
                result.Add(piece);
                continue;
            }
            int last = None, start = -1;
            for (int i = piece.Start; i < piece.End; i++)
            {
                int script = Of(pieces.Text.Codes[i]);
                if (script == Any || script == last) continue;
                if (start >= 0) result.Add(new Piece(start, i, -1));
                (start, last) = (i, script);
            }
            if (start >= 0) result.Add(new Piece(start, piece.End, -1));
        }
        pieces.Items = result;

        int Of(int code)
        {
            if (code == ' ') return Any;
            if (code == 0x30FC) return han;
            byte script = Scripts.Of(code);
            return script == Scripts.Unknown ? Any : script == hiragana || script == katakana ? han : script;
        }
    }
}
