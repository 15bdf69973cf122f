namespace MmKernels.Data.Tokenizers;

internal enum RegexOp { Set, Dispatch, Split, Jump, Loop, Assert, Look, Atomic, Mark, Progress, Match }

/// <summary>An instruction. A dispatch tries the options that the next character allows. Jumps and splits name their targets in X and Y, X being tried first; a loop repeats its set between X and Y times.</summary>
internal readonly record struct RegexInstruction(RegexOp Op, int X = 0, int Y = 0, CompiledSet? Set = null, RegexProgram? Body = null, bool Flag = false, RegexDispatch? Options = null);

/// <summary>A compiled expression: instructions and how many positions its loops remember.</summary>
internal sealed class RegexProgram(RegexInstruction[] code, int marks)
{
    public RegexInstruction[] Code { get; } = code;

    public int Marks { get; } = marks;

    /// <summary>For a look behind: the least and most code points that the body can match; -1 is without limit.</summary>
    public (int Least, int Most) Length { get; init; }
}
