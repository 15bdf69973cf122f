namespace MmKernels.Data.Tokenizers;

/// <summary>Turns a syntax tree into instructions.</summary>
internal sealed class RegexCompiler
{
    private const int LongestProgram = 40_000;
    private const int LongestLookBehind = 1000;
    private readonly List<RegexInstruction> code = [];
    private readonly Action check;
    private int marks;

    private RegexCompiler(Action check) => this.check = check;

    public static RegexProgram Compile(RegexNode node, string pattern, string place)
    {
        int size = 0;
        return Compile(node, () =>
        {
            if (++size > LongestProgram) throw TextErrors.Regex(place, pattern, 0, $"it is too large: it compiles to more than {LongestProgram} nodes and instructions");
        }, () => throw TextErrors.Regex(place, pattern, 0, $"a look behind without a length of at most {LongestLookBehind}"));
    }

    private static RegexProgram Compile(RegexNode node, Action check, Action unbounded)
    {
        var compiler = new RegexCompiler(check) { unbounded = unbounded };
        if (node is RegexNode.Alternation alternation) compiler.EmitDispatch(alternation.Options);
        else compiler.Emit(node);
        compiler.Add(new RegexInstruction(RegexOp.Match));
        return new RegexProgram([.. compiler.code], compiler.marks) { Length = Length(node) };
    }

    private Action unbounded = () => { };

    private int Add(RegexInstruction instruction)
    {
        check();
        code.Add(instruction);
        return code.Count - 1;
    }

    private void Emit(RegexNode node)
    {
        check();   // a node may be emitted often without making an instruction
        switch (node)
        {
            case RegexNode.Set set:
                Add(new RegexInstruction(RegexOp.Set, Set: new CompiledSet(set.Members)));
                break;
            case RegexNode.Sequence sequence:
                foreach (RegexNode part in sequence.Parts) Emit(part);
                break;
            case RegexNode.Alternation alternation:
                EmitAlternation(alternation.Options);
                break;
            case RegexNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case RegexNode.Atomic atomic:
                Add(new RegexInstruction(RegexOp.Atomic, Body: Compile(atomic.Body, check, unbounded)));
                break;
            case RegexNode.Look look:
                (_, int most) = Length(look.Body);
                if (look.Behind && most is < 0 or > LongestLookBehind) unbounded();
                Add(new RegexInstruction(RegexOp.Look, look.Behind ? 1 : 0, Body: Compile(look.Body, check, unbounded), Flag: look.Negative));
                break;
            case RegexNode.Assertion assertion:
                Add(new RegexInstruction(RegexOp.Assert, (int)assertion.Kind));
                break;
        }
    }

    /// <summary>The outermost alternation, of which the next character rules out most options.</summary>
    private void EmitDispatch(List<RegexNode> options)
    {
        var starts = new List<int>();
        var ends = new List<int>();
        Add(default);
        foreach (RegexNode option in options)
        {
            starts.Add(code.Count);
            Emit(option);
            ends.Add(Add(default));
        }
        code[0] = new RegexInstruction(RegexOp.Dispatch, Options: new RegexDispatch(options, starts));
        foreach (int end in ends) code[end] = new RegexInstruction(RegexOp.Jump, code.Count);
    }

    private void EmitAlternation(List<RegexNode> options)
    {
        var ends = new List<int>();
        for (int i = 0; i < options.Count; i++)
        {
            int split = i < options.Count - 1 ? Add(default) : -1;
            Emit(options[i]);
            if (split < 0) continue;
            ends.Add(Add(default));
            code[split] = new RegexInstruction(RegexOp.Split, split + 1, code.Count);
        }
        foreach (int end in ends) code[end] = new RegexInstruction(RegexOp.Jump, code.Count);
    }

    private void EmitRepeat(RegexNode.Repeat repeat)
    {
        if (repeat.Kind == RepeatKind.Possessive && repeat.Body is not RegexNode.Set)
        {
            Emit(new RegexNode.Atomic(repeat with { Kind = RepeatKind.Greedy }));
            return;
        }
        if (repeat.Body is RegexNode.Set set && repeat.Kind != RepeatKind.Lazy)
        {
            Add(new RegexInstruction(RegexOp.Loop, repeat.Least, repeat.Most < 0 ? int.MaxValue : repeat.Most, new CompiledSet(set.Members), Flag: repeat.Kind == RepeatKind.Possessive));
            return;
        }
        bool lazy = repeat.Kind == RepeatKind.Lazy;
        for (int i = 0; i < repeat.Least; i++) Emit(repeat.Body);
        if (repeat.Most < 0) EmitStar(repeat.Body, lazy);
        else
        {
            var splits = new List<int>();
            for (int i = repeat.Least; i < repeat.Most; i++)
            {
                splits.Add(Add(default));
                Emit(repeat.Body);
            }
            foreach (int split in splits) code[split] = Choice(split + 1, code.Count, lazy);
        }
    }

    /// <summary>Any number of times; a round that matches nothing ends the loop.</summary>
    private void EmitStar(RegexNode body, bool lazy)
    {
        bool nullable = Length(body).Least == 0;
        int split = Add(default);
        int mark = marks;
        if (nullable)
        {
            marks++;
            Add(new RegexInstruction(RegexOp.Mark, mark));
        }
        Emit(body);
        if (nullable) Add(new RegexInstruction(RegexOp.Progress, mark));
        Add(new RegexInstruction(RegexOp.Jump, split));
        code[split] = Choice(split + 1, code.Count, lazy);
    }

    private static RegexInstruction Choice(int body, int exit, bool lazy) => lazy ? new(RegexOp.Split, exit, body) : new(RegexOp.Split, body, exit);

    /// <summary>Least and most code points that a node matches; -1 is without limit. Saturates, so that nested intervals cannot overflow.</summary>
    private static (int Least, int Most) Length(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set:
                return (1, 1);
            case RegexNode.Atomic atomic:
                return Length(atomic.Body);
            case RegexNode.Sequence sequence:
                (int Least, int Most) sum = (0, 0);
                foreach (RegexNode part in sequence.Parts)
                {
                    (int least, int most) = Length(part);
                    sum = (Saturate((long)sum.Least + least), most < 0 || sum.Most < 0 ? -1 : Saturate((long)sum.Most + most));
                }
                return sum;
            case RegexNode.Alternation alternation:
                (int Least, int Most) range = (int.MaxValue, 0);
                foreach (RegexNode option in alternation.Options)
                {
                    (int least, int most) = Length(option);
                    range = (Math.Min(range.Least, least), most < 0 || range.Most < 0 ? -1 : Math.Max(range.Most, most));
                }
                return range;
            case RegexNode.Repeat repeat:
                (int low, int high) = Length(repeat.Body);
                return (Saturate((long)low * repeat.Least), repeat.Most < 0 || high < 0 ? high == 0 ? 0 : -1 : Saturate((long)high * repeat.Most));
            default:
                return (0, 0);
        }

        static int Saturate(long value) => (int)Math.Min(value, 1_000_000);
    }
}
