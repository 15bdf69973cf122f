namespace MmKernels.Data.Tokenizers;

/// <summary>A regular expression's syntax tree.</summary>
internal abstract record RegexNode
{
    public sealed record Empty : RegexNode;

    public sealed record Set(CodePointSet Members) : RegexNode;

    public sealed record Sequence(List<RegexNode> Parts) : RegexNode;

    public sealed record Alternation(List<RegexNode> Options) : RegexNode;

    /// <summary>At most <paramref name="Most"/> times; -1 means without limit.</summary>
    public sealed record Repeat(RegexNode Body, int Least, int Most, RepeatKind Kind) : RegexNode;

    public sealed record Look(RegexNode Body, bool Behind, bool Negative) : RegexNode;

    /// <summary>Once matched, the body's other ways are given up.</summary>
    public sealed record Atomic(RegexNode Body) : RegexNode;

    public sealed record Assertion(AssertionKind Kind) : RegexNode;
}

internal enum RepeatKind { Greedy, Lazy, Possessive }

internal enum AssertionKind { LineStart, LineEnd, TextStart, TextEnd, TextEndOrNewline, WordBoundary, NotWordBoundary }
