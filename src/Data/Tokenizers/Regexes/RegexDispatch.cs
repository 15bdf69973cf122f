namespace MmKernels.Data.Tokenizers;

/// <summary>Which options of an alternation can match at all, by the next character where that is ASCII.</summary>
internal sealed class RegexDispatch
{
    private readonly int[][] byCharacter = new int[128][];
    private readonly int[] all;

    /// <param name="options">The alternation's options.</param>
    /// <param name="starts">Where their instructions begin.</param>
    public RegexDispatch(List<RegexNode> options, List<int> starts)
    {
        all = [.. starts];
        CodePointSet?[] firsts = [.. options.Select(option => First(option, out bool nullable) is var set && nullable ? null : set)];
        for (int c = 0; c < 128; c++) byCharacter[c] = [.. starts.Where((_, i) => firsts[i]?.Contains(c) != false)];
    }

    /// <summary>Where to try, in order.</summary>
    public ReadOnlySpan<int> At(ReadOnlySpan<int> text, int at) => at < text.Length && text[at] < 128 ? byCharacter[text[at]] : all;

    /// <summary>The code points that a match can begin with; <paramref name="nullable"/>: it may also consume nothing.</summary>
    private static CodePointSet First(RegexNode node, out bool nullable)
    {
        nullable = false;
        switch (node)
        {
            case RegexNode.Set set:
                return set.Members;
            case RegexNode.Atomic atomic:
                return First(atomic.Body, out nullable);
            case RegexNode.Repeat repeat:
                CodePointSet body = First(repeat.Body, out nullable);
                nullable |= repeat.Least == 0;
                return body;
            case RegexNode.Alternation alternation:
                var either = new List<CodePointSet>();
                foreach (RegexNode option in alternation.Options)
                {
                    either.Add(First(option, out bool empty));
                    nullable |= empty;
                }
                return new CodePointSet.Union(either);
            case RegexNode.Sequence sequence:
                var until = new List<CodePointSet>();
                nullable = true;
                for (int i = 0; i < sequence.Parts.Count && nullable; i++) until.Add(First(sequence.Parts[i], out nullable));
                return new CodePointSet.Union(until);
            default:
                nullable = true;
                return new CodePointSet.Union([]);
        }
    }
}
