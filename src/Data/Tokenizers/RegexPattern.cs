namespace MmKernels.Data.Tokenizers;

/// <summary>A regular expression over code points.</summary>
internal sealed record RegexPattern : TextPattern
{
    private readonly RegexProgram program;
    private readonly string pattern;
    private RegexMatcher? spare;

    public RegexPattern(string pattern, string place)
    {
        this.pattern = pattern;
        program = RegexCompiler.Compile(RegexParser.Parse(pattern, place), pattern, place);
    }

    public override void FindAll(ReadOnlySpan<int> text, List<(int Start, int End)> matches)
    {
        RegexMatcher matcher = Interlocked.Exchange(ref spare, null) ?? new RegexMatcher(program, pattern);
        matcher.FindAll(text, matches);
        spare = matcher;
    }
}
