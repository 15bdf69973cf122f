using System.Globalization;
using System.Text;

namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Cuts a template into tokens with the white-space rules of trim_blocks and lstrip_blocks.</summary>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string source;
    private readonly string name;
    private readonly List<TemplateToken> tokens = [];
    private int at;
    private int line = 1;
    private int lineAt;

    private TemplateLexer(string source, string name) => (this.source, this.name) = (source, name);

    public static List<TemplateToken> Tokenize(string source, string name)
    {
        source = source.Replace("\r\n", "\n").Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        var lexer = new TemplateLexer(source, name);
        lexer.Run();
        return lexer.tokens;
    }

    /// <summary>Python's idea of white space for strings: str.isspace.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    private void Run()
    {
        bool lineStart = true;
        while (at < source.Length)
        {
            int tag = FindTag();
            if (tag < 0)
            {
                AddData(source[at..]);
                break;
            }
            char kind = source[tag + 1];
            char sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            AddData(StripBefore(source[at..tag], sign, kind != '{', lineStart));
            at = tag + (sign == ' ' ? 2 : 3);
            if (kind == '#') SkipComment();
            else if (kind == '{')
            {
                Add(TokenKind.VariableBegin, "");
                LexTag(TokenKind.VariableEnd, "}}");
            }
            else if (!TryRaw())
            {
                Add(TokenKind.BlockBegin, "");
                LexTag(TokenKind.BlockEnd, "%}");
            }
            lineStart = at > 0 && source[at - 1] == '\n';
        }
        Add(TokenKind.End, "");
    }

    private int FindTag()
    {
        for (int i = source.IndexOf('{', at); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    private static string StripBefore(string data, char sign, bool lstrip, bool lineStart)
    {
        if (sign == '-') return TrimEnd(data);
        if (sign == '+' || !lstrip) return data;
        int start = data.LastIndexOf('\n') + 1;
        if (start == 0 && !lineStart) return data;
        for (int i = start; i < data.Length; i++)
            if (!IsSpace(data[i])) return data;
        return data[..start];
    }

    private static string TrimEnd(string data)
    {
        int end = data.Length;
        while (end > 0 && IsSpace(data[end - 1])) end--;
        return data[..end];
    }

    private void AddData(string data)
    {
        if (data.Length > 0) Add(TokenKind.Data, data);
    }

    private void Add(TokenKind kind, string text)
    {
        for (; lineAt < at && lineAt < source.Length; lineAt++)
            if (source[lineAt] == '\n') line++;
        tokens.Add(new TemplateToken(kind, text, line));
    }

    private MmkException Fail(string problem)
    {
        Add(TokenKind.End, "");
        return TextErrors.TemplateSyntax(name, line, problem);
    }

    private void SkipComment()
    {
        int end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0) throw Fail("Missing end of comment tag");
        char sign = end > at ? source[end - 1] : ' ';
        at = end + 2;
        AfterTag(sign);
    }

    /// <summary>After a block or comment: "-" eats all white space, otherwise one newline goes, unless "+" keeps it.</summary>
    private void AfterTag(char sign)
    {
        if (sign == '-') SkipSpace();
        else if (sign != '+' && at < source.Length && source[at] == '\n') at++;
    }

    private void SkipSpace()
    {
        while (at < source.Length && IsSpace(source[at])) at++;
    }

    /// <summary>{% raw %} … {% endraw %} is data; the position is right behind the opening of the tag.</summary>
    private bool TryRaw()
    {
        int i = at;
        while (i < source.Length && IsSpace(source[i])) i++;
        if (string.CompareOrdinal(source, i, "raw", 0, 3) != 0) return false;
        i += 3;
        while (i < source.Length && IsSpace(source[i])) i++;
        bool minus = i < source.Length && source[i] == '-';
        if (minus) i++;
        if (string.CompareOrdinal(source, i, "%}", 0, 2) != 0) return false;
        at = i + 2;
        if (minus) SkipSpace();
        for (int open = source.IndexOf("{%", at, StringComparison.Ordinal); open >= 0; open = source.IndexOf("{%", open + 2, StringComparison.Ordinal))
        {
            int j = open + 2;
            char sign = j < source.Length && source[j] is '-' or '+' ? source[j++] : ' ';
            while (j < source.Length && IsSpace(source[j])) j++;
            if (string.CompareOrdinal(source, j, "endraw", 0, 6) != 0) continue;
            j += 6;
            while (j < source.Length && IsSpace(source[j])) j++;
            char closing = j < source.Length && source[j] is '-' or '+' ? source[j++] : ' ';
            if (string.CompareOrdinal(source, j, "%}", 0, 2) != 0) continue;
            AddData(StripBefore(source[at..open], sign, true, at > 0 && source[at - 1] == '\n'));
            at = j + 2;
            AfterTag(closing);
            return true;
        }
        throw Fail("Missing end of raw directive");
    }

    private void LexTag(TokenKind end, string closing)
    {
        var brackets = new Stack<char>();
        while (true)
        {
            SkipSpace();
            if (at >= source.Length) return;   // the parser complains about the end of the template
            if (brackets.Count == 0 && TryClose(end, closing)) return;
            char c = source[at];
            if (c is '\'' or '"') LexText(c);
            else if (char.IsAsciiDigit(c)) LexNumber();
            else if (c == '_' || char.IsLetter(c) || char.IsSurrogate(c)) LexName();
            else LexOperator(brackets);
        }
    }

    private bool TryClose(TokenKind end, string closing)
    {
        char sign = source[at] is '-' or '+' ? source[at] : ' ';
        int close = sign == ' ' ? at : at + 1;
        if (string.CompareOrdinal(source, close, closing, 0, 2) != 0 || sign == '+' && end == TokenKind.VariableEnd) return false;
        Add(end, "");
        at = close + 2;
        if (end == TokenKind.BlockEnd) AfterTag(sign);
        else if (sign == '-') SkipSpace();
        return true;
    }

    private void LexName()
    {
        int start = at;
        while (at < source.Length && (source[at] == '_' || char.IsLetterOrDigit(source[at]) || char.IsSurrogate(source[at])
            || char.GetUnicodeCategory(source[at]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)) at++;
        Add(TokenKind.Name, source[start..at]);
    }

    private void LexOperator(Stack<char> brackets)
    {
        foreach (string op in Operators)
        {
            if (string.CompareOrdinal(source, at, op, 0, op.Length) != 0) continue;
            if (op is "(" or "[" or "{") brackets.Push(op == "(" ? ')' : op == "[" ? ']' : '}');
            else if (op is ")" or "]" or "}")
            {
                if (brackets.Count == 0) throw Fail($"unexpected '{op}'");
                char expected = brackets.Pop();
                if (expected != op[0]) throw Fail($"unexpected '{op}', expected '{expected}'");
            }
            Add(TokenKind.Operator, op);
            at += op.Length;
            return;
        }
        throw Fail($"unexpected char '{source[at]}' at {at}");
    }

    private void LexNumber()
    {
        int start = at;
        if (source[at] == '0' && at + 2 < source.Length && char.ToLowerInvariant(source[at + 1]) is 'x' or 'o' or 'b')
        {
            at += 2;
            while (at < source.Length && (char.IsAsciiHexDigit(source[at]) || source[at] == '_')) at++;
            Add(TokenKind.Integer, source[start..at].Replace("_", ""));
            return;
        }
        Digits();
        bool isFloat = false, afterDot = start > 0 && source[start - 1] == '.';
        if (!afterDot && at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
        {
            at++;
            Digits();
            isFloat = true;
        }
        if (!afterDot && at < source.Length && source[at] is 'e' or 'E')
        {
            int exponent = at + 1 < source.Length && source[at + 1] is '+' or '-' ? at + 2 : at + 1;
            if (exponent < source.Length && char.IsAsciiDigit(source[exponent]))
            {
                at = exponent;
                Digits();
                isFloat = true;
            }
        }
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, source[start..at].Replace("_", ""));
    }

    private void Digits()
    {
        while (at < source.Length && (char.IsAsciiDigit(source[at]) || source[at] == '_' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1]))) at++;
    }

    private void LexText(char quote)
    {
        int i = at + 1;
        for (; i < source.Length && source[i] != quote; i++)
            if (source[i] == '\\') i++;
        if (i >= source.Length) throw Fail($"unexpected char '{quote}' at {at}");
        string value = Unescape(source.AsSpan(at + 1, i - at - 1));
        Add(TokenKind.Text, value);
        at = i + 1;
    }

    private string Unescape(ReadOnlySpan<char> raw)
    {
        if (!raw.Contains('\\')) return raw.ToString();
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }
            char c = raw[++i];
            int simple = "\\'\"abfnrtv".IndexOf(c);
            if (simple >= 0) text.Append("\\'\"\a\b\f\n\r\t\v"[simple]);
            else if (c == '\n') continue;
            else if (c is 'x' or 'u' or 'U')
            {
                int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                if (i + digits > raw.Length - 1 || !int.TryParse(raw.Slice(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
                    throw Fail($"truncated \\{c} escape");
                if (!Rune.IsValid(code) && code > 0xFFFF) throw Fail("illegal Unicode character");
                text.Append(code > 0xFFFF ? char.ConvertFromUtf32(code) : ((char)code).ToString());
                i += digits;
            }
            else if (c is >= '0' and <= '7')
            {
                int code = 0, end = Math.Min(i + 3, raw.Length);
                for (; i < end && raw[i] is >= '0' and <= '7'; i++) code = code * 8 + raw[i] - '0';
                i--;
                text.Append((char)code);
            }
            else if (c == 'N') throw Fail("names of characters are not supported in strings");
            else text.Append('\\').Append(c);
        }
        return text.ToString();
    }
}
