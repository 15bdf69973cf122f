using System.Text;

namespace MmKernels.Data.Tokenizers;

/// <summary>Replaces every match inside each token.</summary>
internal sealed record ReplaceDecoder(TextPattern Pattern, string Content) : Decoder
{
    public override List<string> Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++) tokens[i] = Replace(tokens[i]);
        return tokens;
    }

    private string Replace(string token)
    {
        int[] codes = CodePoints.Of(token);
        StringBuilder? result = null;
        int done = 0;
        for (int from = 0; from <= codes.Length && Pattern.Next(codes, from, out int start, out int end); from = Math.Max(end, from + 1))
        {
            result ??= new StringBuilder();
            result.Append(CodePoints.ToText(codes.AsSpan(done, start - done))).Append(Content);
            done = end;
        }
        return result is null ? token : result.Append(CodePoints.ToText(codes.AsSpan(done))).ToString();
    }
}
