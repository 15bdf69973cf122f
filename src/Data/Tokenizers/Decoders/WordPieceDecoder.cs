namespace MmKernels.Data.Tokenizers;

/// <summary>Joins continuing pieces, puts spaces between words and, on demand, takes them out before punctuation and contractions.</summary>
internal sealed record WordPieceDecoder(string Prefix, bool CleanUp) : TokenDecoder
{
    public static string Clean(string text) => text.Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'").Replace(" n't", "n't")
        .Replace(" 'm", "'m").Replace(" do not", " don't").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");

    protected override string Rewrite(string token, int index, int count)
    {
        if (index > 0) token = token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : " " + token;
        return CleanUp ? Clean(token) : token;
    }
}
