namespace MmKernels.Data.Tokenizers;

/// <summary>Every code point with a property is a match.</summary>
internal sealed record CharacterPattern(Func<int, bool> Matches) : TextPattern
{
    public override void FindAll(ReadOnlySpan<int> text, List<(int Start, int End)> matches)
    {
        for (int i = 0; i < text.Length; i++)
            if (Matches(text[i])) matches.Add((i, i + 1));
    }
}
