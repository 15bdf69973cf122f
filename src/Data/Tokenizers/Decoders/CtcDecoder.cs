namespace MmKernels.Data.Tokenizers;

/// <summary>Joins repeated tokens, removes padding and turns the word delimiter into a space.</summary>
internal sealed record CtcDecoder(string Pad, string Delimiter, bool CleanUp) : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1]) continue;
            string token = Pad.Length == 0 ? tokens[i] : tokens[i].Replace(Pad, "");
            if (CleanUp)
            {
                token = WordPieceDecoder.Clean(token);
                if (Delimiter.Length > 0) token = token.Replace(Delimiter, " ");
            }
            if (token.Length > 0) result.Add(token);
        }
        return result;
    }
}
