namespace MmKernels.Data.Tokenizers;

/// <summary>A fixed string that is not empty.</summary>
internal sealed record LiteralPattern(int[] Content) : TextPattern
{
    public override void FindAll(ReadOnlySpan<int> text, List<(int Start, int End)> matches)
    {
        for (int from = 0; text[from..].IndexOf(Content) is >= 0 and int at; from += at + Content.Length)
            matches.Add((from + at, from + at + Content.Length));
    }
}
