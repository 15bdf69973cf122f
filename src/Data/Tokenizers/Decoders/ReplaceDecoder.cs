using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Replaces every match inside each token.</summary>
internal sealed record ReplaceDecoder(TextPattern Pattern, string Content) : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        long length = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            tokens[i] = Replace(tokens[i], tokens.Count);
            CheckGrowth(length += tokens[i].Length, tokens.Count);
        }
        return tokens;
    }

    private string Replace(string token, int count)
    {
        int[] codes = CodePoints.Of(token);
        var matches = new List<(int Start, int End)>();
        Pattern.FindAll(codes, matches);
        if (matches.Count == 0) return token;
        CheckGrowth(token.Length + (long)matches.Count * Content.Length, count);
        var result = new StringBuilder();
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            result.Append(CodePoints.ToText(codes.AsSpan(done, start - done))).Append(Content);
            done = end;
        }
        return result.Append(CodePoints.ToText(codes.AsSpan(done))).ToString();
    }
}
