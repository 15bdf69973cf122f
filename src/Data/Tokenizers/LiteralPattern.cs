namespace MmKernels.Data.Tokenizers;

/// <summary>A fixed string; the empty one matches nowhere.</summary>
internal sealed record LiteralPattern(int[] Content) : TextPattern
{
    public override bool Next(ReadOnlySpan<int> text, int from, out int start, out int end)
    {
        int at = Content.Length == 0 ? -1 : text[from..].IndexOf(Content);
        start = from + at;
        end = start + Content.Length;
        return at >= 0;
    }
}
