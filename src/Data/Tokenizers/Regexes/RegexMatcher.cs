namespace MmKernels.Data.Tokenizers;

/// <summary>
/// Finds the matches of one program in one text after another. Backtracks; where that takes too long it remembers which states failed,
/// so that the time stays linear in the text (bodies of look-arounds and atomic groups are bounded by a step limit).
/// </summary>
internal sealed class RegexMatcher(RegexProgram program, string pattern)
{
    private const long BodySteps = 4_000;   // of one look-around or atomic group before it remembers too
    private const long MostRemembered = 16_000_000;   // words of 64 states: 128 MB
    private readonly int[] marks = new int[program.Marks];
    private readonly ulong[]?[] failed = new ulong[]?[program.Code.Length];
    private (int Pc, int At, int Low)[] stack = new (int, int, int)[32];
    private RegexMatcher?[]? bodies;
    private bool remembering;
    private long remembered;
    private long steps;
    private long allowed;

    /// <summary>Appends all matches, as the reference's iterator gives them: none is empty right behind another.</summary>
    public void FindAll(ReadOnlySpan<int> text, List<(int Start, int End)> matches)
    {
        Reset(100_000 + 2_000L * text.Length);
        int from = 0, lastEnd = -1;
        while (from <= text.Length)
        {
            int start = from, end = -1;
            for (; start <= text.Length; start++)
                if ((end = MatchAt(text, start)) >= 0) break;
            if (end < 0) break;
            Forget(end);
            if (start == end && lastEnd == end)
            {
                from = end + 1;
                continue;
            }
            matches.Add((start, end));
            from = lastEnd = end;
        }
        if (remembering) Array.Clear(failed);   // as large as the text; the matcher is kept
    }

    private void StartRemembering()
    {
        (remembering, remembered) = (true, 0);
        Array.Clear(failed);
    }

    private void Reset(long limit) => (steps, allowed, remembering) = (0, limit, false);

    /// <summary>The end of the match that begins at <paramref name="start"/>, or -1.</summary>
    private int MatchAt(ReadOnlySpan<int> text, int start)
    {
        if (!remembering)
        {
            int end = Run(text, start, -1, 32 * (start + 32L));
            if (end != -2) return end;
            StartRemembering();
        }
        return Run(text, start, -1, long.MaxValue);
    }

    /// <summary>
    /// Runs from <paramref name="start"/>: the end of the match, -1 where there is none, -2 where more than <paramref name="limit"/> steps were taken in all.
    /// A match must end at <paramref name="mustEnd"/> unless that is negative.
    /// </summary>
    private int Run(ReadOnlySpan<int> text, int start, int mustEnd, long limit)
    {
        RegexInstruction[] code = program.Code;
        int pc = 0, at = start, depth = 0;
        while (true)
        {
            if (++steps > limit) return -2;
            if (steps > allowed) throw TextErrors.RegexTooSlow(pattern, text.Length);
            ref readonly RegexInstruction now = ref code[pc];
            bool matched = true;
            switch (now.Op)
            {
                case RegexOp.Set:
                    matched = at < text.Length && now.Set!.Contains(text[at]);
                    if (matched)
                    {
                        at++;
                        pc++;
                    }
                    break;
                case RegexOp.Loop:
                    matched = RunLoop(text, now, ref pc, ref at, ref depth);
                    break;
                case RegexOp.Dispatch:
                    ReadOnlySpan<int> options = now.Options!.At(text, at);
                    for (int i = options.Length - 1; i > 0; i--) Push(ref depth, options[i], at, at);
                    matched = options.Length > 0;
                    if (matched) pc = options[0];
                    break;
                case RegexOp.Split:
                    matched = !remembering || Visit(pc, at, text.Length);
                    if (matched)
                    {
                        Push(ref depth, now.Y, at, at);
                        pc = now.X;
                    }
                    break;
                case RegexOp.Jump:
                    pc = now.X;
                    break;
                case RegexOp.Assert:
                    matched = Holds((AssertionKind)now.X, text, at);
                    pc++;
                    break;
                case RegexOp.Look:
                    matched = Looks(text, now, pc, at) != now.Flag;
                    pc++;
                    break;
                case RegexOp.Atomic:
                    int inner = RunBody(text, pc, at, -1);
                    matched = inner >= 0;
                    at = inner;
                    pc++;
                    break;
                case RegexOp.Mark:
                    Push(ref depth, -1 - now.X, marks[now.X], 0);
                    marks[now.X] = at;
                    pc++;
                    break;
                case RegexOp.Progress:
                    // A round without progress leaves the loop: the instruction behind the jump back.
                    pc += marks[now.X] == at ? 2 : 1;
                    break;
                case RegexOp.Match:
                    if (mustEnd < 0 || mustEnd == at) return at;
                    matched = false;
                    break;
            }
            if (!matched && !Backtrack(text.Length, ref pc, ref at, ref depth)) return -1;
        }
    }

    /// <summary>Takes as many code points of a set as there are; fewer remain as ways to go back.</summary>
    private bool RunLoop(ReadOnlySpan<int> text, in RegexInstruction now, ref int pc, ref int at, ref int depth)
    {
        bool unbounded = now.Y == int.MaxValue;
        if (remembering && !unbounded && !Visit(pc, at, text.Length)) return false;
        int end = at, limit = now.Y < text.Length - at ? at + now.Y : text.Length, least = now.X <= text.Length - at ? at + now.X : int.MaxValue;
        while (end < limit && now.Set!.Contains(text[end]))
        {
            // Having taken enough, a place that this loop has passed before leads where that passage led: nowhere.
            if (end >= least && remembering && unbounded && !Visit(pc, end, text.Length)) return !now.Flag && ContinueFrom(end - 1, now, ref pc, ref at, ref depth);
            end++;
        }
        steps += end - at >> 3;
        if (end - at < now.X) return false;
        return ContinueFrom(end, now, ref pc, ref at, ref depth);
    }

    private bool ContinueFrom(int end, in RegexInstruction now, ref int pc, ref int at, ref int depth)
    {
        if (end - at < now.X) return false;
        if (!now.Flag && end > at + now.X) Push(ref depth, pc + 1, end - 1, at + now.X);
        at = end;
        pc++;
        return true;
    }

    private bool Backtrack(int length, ref int pc, ref int at, ref int depth)
    {
        while (depth > 0)
        {
            ref (int Pc, int At, int Low) top = ref stack[depth - 1];
            if (top.Pc < 0)
            {
                marks[-1 - top.Pc] = top.At;
                depth--;
                continue;
            }
            (pc, at) = (top.Pc, top.At);
            if (top.At > top.Low) top.At--;
            else depth--;
            return true;
        }
        return false;
    }

    private void Push(ref int depth, int pc, int at, int low)
    {
        if (depth == stack.Length) Array.Resize(ref stack, depth * 2);
        stack[depth++] = (pc, at, low);
    }

    /// <summary>Whether a state is new. One that was seen before has failed, or it would have ended the search.</summary>
    private bool Visit(int pc, int at, int length)
    {
        ulong[] seen = failed[pc] ??= Remember(length);
        ulong bit = 1UL << (at & 63);
        if ((seen[at >> 6] & bit) != 0) return false;
        seen[at >> 6] |= bit;
        return true;
    }

    private ulong[] Remember(int length)
    {
        remembered += (length >> 6) + 1;
        steps += (length >> 6) + 1;
        return remembered <= MostRemembered ? new ulong[(length >> 6) + 1] : throw TextErrors.RegexTooSlow(pattern, length);
    }

    /// <summary>After a match that ends at <paramref name="end"/>, states at that place may have succeeded; all later ones have failed.</summary>
    private void Forget(int end)
    {
        if (!remembering) return;
        foreach (ulong[]? seen in failed)
            if (seen is not null) seen[end >> 6] &= ~(1UL << (end & 63));
    }

    private bool Looks(ReadOnlySpan<int> text, in RegexInstruction now, int pc, int at)
    {
        if (now.X == 0) return RunBody(text, pc, at, -1) >= 0;
        (int least, int most) = now.Body!.Length;
        for (int length = least; length <= most && length <= at; length++)
            if (RunBody(text, pc, at - length, at) >= 0) return true;
        return false;
    }

    private int RunBody(ReadOnlySpan<int> text, int pc, int at, int mustEnd)
    {
        RegexMatcher body = (bodies ??= new RegexMatcher?[program.Code.Length])[pc] ??= new RegexMatcher(program.Code[pc].Body!, pattern);
        body.Reset(allowed - steps);
        int end = body.Run(text, at, mustEnd, BodySteps);
        if (end == -2)
        {
            body.StartRemembering();
            end = body.Run(text, at, mustEnd, long.MaxValue);
        }
        steps += body.steps;
        return end;
    }

    private static bool Holds(AssertionKind kind, ReadOnlySpan<int> text, int at) => kind switch
    {
        AssertionKind.LineStart => at == 0 || text[at - 1] == '\n' && at < text.Length,
        AssertionKind.LineEnd => at == text.Length || text[at] == '\n',
        AssertionKind.TextStart => at == 0,
        AssertionKind.TextEnd => at == text.Length,
        AssertionKind.TextEndOrNewline => at == text.Length || at == text.Length - 1 && text[at] == '\n',
        _ => (at > 0 && Unicode.IsWord(text[at - 1]) != (at < text.Length && Unicode.IsWord(text[at])) || at == 0 && text.Length > 0 && Unicode.IsWord(text[0]))
            == (kind == AssertionKind.WordBoundary),
    };
}
