namespace MmKernels.Data.Tokenizers;

/// <summary>Character classes and the escapes that stand for sets.</summary>
internal sealed partial class RegexParser
{
    /// <summary>[…] with ranges, nested classes, POSIX names and &amp;&amp;.</summary>
    private CodePointSet ParseClass()
    {
        if (++depth > DeepestNesting) throw Fail($"classes nested deeper than {DeepestNesting} levels");
        at++;
        bool negated = Skip('^');
        var parts = new List<CodePointSet>();
        CodePointSet? left = null;
        for (bool first = true; ; first = false)
        {
            if (Current < 0) throw Fail("a [ without its ]");
            if (Current == ']' && !first)
            {
                at++;
                break;
            }
            if (Skip("&&"))
            {
                left = Intersect(left, parts);
                parts = [];
            }
            else parts.Add(ParseMember());
        }
        depth--;
        CodePointSet set = Intersect(left, parts);
        if (ignoreCase) set = new CodePointSet.IgnoreCase(set);   // before the negation: [^a] refuses A as well
        return negated ? new CodePointSet.Complement(set) : set;
    }

    private static CodePointSet Intersect(CodePointSet? left, List<CodePointSet> parts)
    {
        CodePointSet right = parts.Count == 1 ? parts[0] : new CodePointSet.Union(parts);
        return left is null ? right : new CodePointSet.Intersection(left, right);
    }

    private CodePointSet ParseMember()
    {
        if (Current == '[')
        {
            if (at + 1 < pattern.Length && pattern[at + 1] == ':' && TryPosix(out CodePointSet posix)) return posix;
            return ParseClass();
        }
        CodePointSet set = Current == '\\' ? ParseEscapedSet() : Single();
        if (set is not CodePointSet.Range { First: var low } range || range.First != range.Last) return set;
        if (Current != '-' || at + 1 >= pattern.Length || pattern[at + 1] == ']') return set;
        int hyphen = at++;
        if (Current == '[')
        {
            at = hyphen;   // a hyphen before a nested class stands for itself
            return set;
        }
        CodePointSet upper = Current == '\\' ? ParseEscapedSet() : Single();
        if (upper is not CodePointSet.Range { First: var high } || ((CodePointSet.Range)upper).Last != high)
            return new CodePointSet.Union([set, new CodePointSet.Range('-', '-'), upper]);
        return low <= high ? new CodePointSet.Range(low, high) : throw Fail("an empty range in a class");
    }

    private CodePointSet.Range Single()
    {
        int c = Current;
        at++;
        return new CodePointSet.Range(c, c);
    }

    private bool TryPosix(out CodePointSet set)
    {
        int start = at;
        at += 2;
        bool negated = Skip('^');
        int name = at;
        while (Current is >= 'a' and <= 'z') at++;
        set = CodePointSet.Anything;
        if (Skip(":]") && UnicodeProperties.Find(CodePoints.ToText(pattern.AsSpan(name, at - 2 - name))) is { } found)
        {
            set = negated ? new CodePointSet.Complement(found) : found;
            return true;
        }
        at = start;
        return false;
    }

    /// <summary>A backslash and what follows, where it stands for a set of code points or for one.</summary>
    private CodePointSet ParseEscapedSet()
    {
        at++;
        int c = Current;
        if (c < 0) throw Fail("a \\ at the end");
        at++;
        switch (c)
        {
            case 'd': return Property("nd", false);
            case 'D': return Property("nd", true);
            case 'w': return Property("word", false);
            case 'W': return Property("word", true);
            case 's': return Property("space", false);
            case 'S': return Property("space", true);
            case 'h': return Property("xdigit", false);
            case 'H': return Property("xdigit", true);
            case 'N': return new CodePointSet.Complement(One('\n'));
            case 'O': return CodePointSet.Anything;
            case 'p' or 'P': return ParseProperty(c == 'P');
            case 'n': return One('\n');
            case 't': return One('\t');
            case 'r': return One('\r');
            case 'f': return One('\f');
            case 'v': return One('\v');
            case 'a': return One('\a');
            case 'e': return One(0x1B);
            case 'b': return One('\b');
            case 'x': return One(Skip('{') ? ReadHex(8, true) : ReadHex(2, false));
            case 'u': return One(ReadHex(4, false));
            case '0':
                int octal = 0;
                for (int i = 0; i < 2 && Current is >= '0' and <= '7'; i++) octal = octal * 8 + pattern[at++] - '0';
                return One(octal);
            default: return One(c);
        }

        static CodePointSet Property(string name, bool negated) => negated ? new CodePointSet.Complement(UnicodeProperties.Find(name)!) : UnicodeProperties.Find(name)!;

        static CodePointSet One(int code) => new CodePointSet.Range(code, code);
    }

    private CodePointSet ParseProperty(bool negated)
    {
        int start = at;
        if (!Skip('{'))
        {
            at++;   // \pL
            return Named(CodePoints.ToText(pattern.AsSpan(start, Math.Min(1, pattern.Length - start))), negated);
        }
        if (Skip('^')) negated = !negated;
        int name = at;
        while (Current >= 0 && Current != '}') at++;
        string text = CodePoints.ToText(pattern.AsSpan(name, at - name));
        if (!Skip('}')) throw Fail("a \\p{ without its }");
        return Named(text, negated);
    }

    private CodePointSet Named(string name, bool negated)
    {
        CodePointSet set = UnicodeProperties.Find(name) ?? throw Fail($"the property \"{TextErrors.Short(name)}\" is not known");
        return negated ? new CodePointSet.Complement(set) : set;
    }

    private int ReadHex(int most, bool braced)
    {
        int value = 0, digits = 0;
        for (; digits < most && Current is >= 0 and < 128 && char.IsAsciiHexDigit((char)Current); digits++, at++)
            value = value << 4 | Convert.ToInt32(((char)Current).ToString(), 16);
        if (digits == 0 || braced && !Skip('}') || (uint)value > 0x10FFFF) throw Fail("a wrong code point");
        return value;
    }
}
