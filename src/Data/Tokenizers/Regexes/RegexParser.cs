using System.Globalization;

namespace MmKernels.Data.Tokenizers;

/// <summary>Reads the Oniguruma syntax that tokenizer files use. Groups capture nothing; back references are refused.</summary>
internal sealed partial class RegexParser
{
    private const int DeepestNesting = 100;
    private const int LongestRepeat = 1000;
    private const int MostRepeats = 8;   // of one thing, as in a+*?
    private readonly int[] pattern;
    private readonly string place;
    private int at;
    private int depth;
    private bool ignoreCase;
    private bool dotAll;
    private bool extended;

    private RegexParser(int[] pattern, string place) => (this.pattern, this.place) = (pattern, place);

    public static RegexNode Parse(string pattern, string place)
    {
        var parser = new RegexParser(CodePoints.Of(pattern), place);
        RegexNode node = parser.ParseAlternation();
        if (parser.at < parser.pattern.Length) throw parser.Fail("a ) without its (");
        return node;
    }

    private int Current => at < pattern.Length ? pattern[at] : -1;

    private MmkException Fail(string problem) => TextErrors.Regex(place, CodePoints.ToText(pattern), at, problem);

    private bool Skip(char c)
    {
        if (Current != c) return false;
        at++;
        return true;
    }

    private bool Skip(string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (at + i >= pattern.Length || pattern[at + i] != text[i]) return false;
        at += text.Length;
        return true;
    }

    private RegexNode ParseAlternation()
    {
        if (++depth > DeepestNesting) throw Fail($"groups nested deeper than {DeepestNesting} levels");
        (bool outerCase, bool outerDot, bool outerExtended) = (ignoreCase, dotAll, extended);
        var options = new List<RegexNode> { ParseSequence() };
        while (Skip('|')) options.Add(ParseSequence());
        (ignoreCase, dotAll, extended) = (outerCase, outerDot, outerExtended);
        depth--;
        return options.Count == 1 ? options[0] : new RegexNode.Alternation(options);
    }

    private RegexNode ParseSequence()
    {
        var parts = new List<RegexNode>();
        while (Current >= 0 && Current != '|' && Current != ')')
        {
            if (extended && (Unicode.IsWhiteSpace(Current) || Current == '#'))
            {
                if (Current == '#') while (Current >= 0 && Current != '\n') at++;
                else at++;
                continue;
            }
            parts.Add(ParseRepeats(ParseAtom()));
        }
        return parts.Count == 1 ? parts[0] : parts.Count == 0 ? new RegexNode.Empty() : new RegexNode.Sequence(parts);
    }

    private RegexNode ParseRepeats(RegexNode node)
    {
        for (int count = 0; ; count++)
        {
            int start = at;
            if (!TryBounds(out int least, out int most, out bool interval)) return node;
            if (node is RegexNode.Assertion && !interval) { at = start; throw Fail("a repetition of an assertion"); }
            if (count == MostRepeats) throw Fail("too many repetitions of one thing");
            RepeatKind kind = RepeatKind.Greedy;
            if (Skip('?'))
            {
                // {n}? is an optional {n}, not a lazy one.
                if (interval && least == most) { node = new RegexNode.Repeat(new RegexNode.Repeat(node, least, most, RepeatKind.Greedy), 0, 1, RepeatKind.Greedy); continue; }
                kind = RepeatKind.Lazy;
            }
            else if (!interval && Skip('+')) kind = RepeatKind.Possessive;   // after {n,m} a + repeats once more
            node = new RegexNode.Repeat(node, least, most, kind);
        }
    }

    private bool TryBounds(out int least, out int most, out bool interval)
    {
        (least, most, interval) = (0, -1, false);
        if (Skip('*')) return true;
        if (Skip('+'))
        {
            least = 1;
            return true;
        }
        if (Skip('?'))
        {
            most = 1;
            return true;
        }
        if (Current != '{') return false;
        int start = at++;
        int low = ReadNumber(), high = low;
        if (Skip(',')) high = ReadNumber();
        else if (low < 0) { at = start; return false; }
        if (!Skip('}') || low < 0 && high < 0)
        {
            at = start;   // not an interval: a literal brace
            return false;
        }
        interval = true;
        least = Math.Max(0, low);
        most = high;
        if (most >= 0 && least > most) throw Fail($"the interval {{{least},{most}}} is empty");
        if (Math.Max(least, most) > LongestRepeat) throw Fail($"an interval of more than {LongestRepeat}");
        return true;
    }

    private int ReadNumber()
    {
        int start = at, value = 0;
        for (; Current is >= '0' and <= '9'; at++) value = Math.Min(value * 10 + Current - '0', 1_000_000);
        return at == start ? -1 : value;
    }

    private RegexNode ParseAtom()
    {
        int c = Current;
        switch (c)
        {
            case '(': return ParseGroup();
            case '[': return new RegexNode.Set(ParseClass());
            case '\\': return ParseEscape();
            case '*' or '+' or '?': throw Fail("a repetition of nothing");
            case '.':
                at++;
                return new RegexNode.Set(dotAll ? CodePointSet.Anything : new CodePointSet.Complement(new CodePointSet.Range('\n', '\n')));
            case '^':
                at++;
                return new RegexNode.Assertion(AssertionKind.LineStart);
            case '$':
                at++;
                return new RegexNode.Assertion(AssertionKind.LineEnd);
            default:
                at++;
                return Member(new CodePointSet.Range(c, c));
        }
    }

    private RegexNode.Set Member(CodePointSet set) => new(ignoreCase ? new CodePointSet.IgnoreCase(set) : set);

    private RegexNode ParseGroup()
    {
        at++;
        RegexNode node;
        if (!Skip('?')) node = ParseAlternation();
        else if (Skip(':')) node = ParseAlternation();
        else if (Skip('>')) node = new RegexNode.Atomic(ParseAlternation());
        else if (Skip('=')) node = new RegexNode.Look(ParseAlternation(), false, false);
        else if (Skip('!')) node = new RegexNode.Look(ParseAlternation(), false, true);
        else if (Skip("<=")) node = new RegexNode.Look(ParseAlternation(), true, false);
        else if (Skip("<!")) node = new RegexNode.Look(ParseAlternation(), true, true);
        else if (Skip('#'))
        {
            while (Current >= 0 && Current != ')') at++;
            node = new RegexNode.Empty();
        }
        else if (Skip('<') || Skip("P<"))
        {
            while (Current >= 0 && Current != '>') at++;
            at++;
            node = ParseAlternation();
        }
        else
        {
            (bool outerCase, bool outerDot, bool outerExtended) = (ignoreCase, dotAll, extended);
            ParseOptions();
            if (Skip(')')) return new RegexNode.Empty();   // holds to the end of the enclosing group, which restores it
            if (!Skip(':')) throw Fail("an unknown kind of group");
            node = ParseAlternation();
            (ignoreCase, dotAll, extended) = (outerCase, outerDot, outerExtended);
        }
        if (!Skip(')')) throw Fail("a ( without its )");
        return node;
    }

    private void ParseOptions()
    {
        for (bool on = true; Current is 'i' or 'm' or 'x' or '-'; at++)
        {
            if (Current == '-') on = false;
            else if (Current == 'i') ignoreCase = on;
            else if (Current == 'm') dotAll = on;
            else extended = on;
        }
    }

    private RegexNode ParseEscape()
    {
        int c = at + 1 < pattern.Length ? pattern[at + 1] : -1;
        AssertionKind? assertion = c switch
        {
            'A' => AssertionKind.TextStart,
            'z' => AssertionKind.TextEnd,
            'Z' => AssertionKind.TextEndOrNewline,
            'b' => AssertionKind.WordBoundary,
            'B' => AssertionKind.NotWordBoundary,
            _ => null,
        };
        if (assertion is not null)
        {
            at += 2;
            return new RegexNode.Assertion(assertion.Value);
        }
        if (c == 'R')
        {
            at += 2;
            CodePointSet line = new CodePointSet.Union([new CodePointSet.Range('\n', '\r'), new CodePointSet.Range(0x85, 0x85), new CodePointSet.Range(0x2028, 0x2029)]);
            RegexNode pair = new RegexNode.Sequence([new RegexNode.Set(new CodePointSet.Range('\r', '\r')), new RegexNode.Set(new CodePointSet.Range('\n', '\n'))]);
            return new RegexNode.Atomic(new RegexNode.Alternation([pair, new RegexNode.Set(line)]));
        }
        if (c is >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K' or 'X') throw Fail($"\\{(char)c} is not supported");
        return Member(ParseEscapedSet());
    }
}
