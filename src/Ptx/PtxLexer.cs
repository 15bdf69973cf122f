namespace MmKernels.Ptx;

internal enum PtxToken : byte { End, Word, Directive, Number, String, Punctuation }

/// <summary>
/// Cuts PTX text into tokens. A word keeps its dots (<c>ld.global.f32</c>, <c>%tid.x</c>); a directive is a dot and one name (<c>.reg</c>).
/// </summary>
internal struct PtxLexer
{
    private readonly string text;
    private int position;

    public PtxLexer(string text)
    {
        this.text = text;
        position = 0;
        NextLine = 1;
        Advance();
    }

    public PtxToken Kind { get; private set; }

    /// <summary>Line of the token, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Line behind the token.</summary>
    private int NextLine { get; set; }

    public int Start { get; private set; }

    public readonly ReadOnlySpan<char> Text => text.AsSpan(Start, position - Start);

    /// <summary>The character of a punctuation token; 0 for any other token.</summary>
    public char Punctuation { get; private set; }

    /// <summary>Goes to the next token.</summary>
    public void Advance()
    {
        SkipBlanks();
        Start = position;
        Line = NextLine;
        Punctuation = '\0';
        if (position >= text.Length)
        {
            Kind = PtxToken.End;
            return;
        }
        char c = text[position];
        if (IsNameStart(c)) Word();
        else if (char.IsAsciiDigit(c)) Number();
        else if (c == '.' && position + 1 < text.Length && IsName(text[position + 1])) Directive();
        else if (c == '"') String();
        else
        {
            position++;
            Kind = PtxToken.Punctuation;
            Punctuation = c;
        }
    }

    /// <summary>The text from this token to the end of its line; the next token is the first of the following line.</summary>
    public ReadOnlySpan<char> RestOfLine()
    {
        int end = text.IndexOf('\n', Start);
        if (end < 0) end = text.Length;
        ReadOnlySpan<char> rest = text.AsSpan(Start, end - Start);
        int comment = rest.IndexOf("//", StringComparison.Ordinal);
        if (comment >= 0) rest = rest[..comment];
        position = end;
        NextLine = Line;
        Advance();
        return rest.Trim();
    }

    /// <summary>The text from this <c>{</c> to its <c>}</c>; the next token is what follows.</summary>
    public ReadOnlySpan<char> Braces()
    {
        int start = Start, line = Line, depth = 0;
        do
        {
            if (Kind == PtxToken.End) throw PtxErrors.Syntax(Line, $"the text ends inside the braces opened on line {line}");
            if (Punctuation == '{') depth++;
            if (Punctuation == '}') depth--;
            if (depth > 0) Advance();
        }
        while (depth > 0);
        ReadOnlySpan<char> braces = text.AsSpan(start, position - start);
        Advance();
        return braces;
    }

    private void Word()
    {
        Kind = PtxToken.Word;
        position++;
        while (position < text.Length)
        {
            char c = text[position];
            if (IsName(c)) position++;
            else if (c == '.' && position + 1 < text.Length && IsName(text[position + 1])) position += 2;
            else if (c == ':' && position + 2 < text.Length && text[position + 1] == ':' && IsName(text[position + 2])) position += 3;
            else break;
        }
    }

    private void Directive()
    {
        Kind = PtxToken.Directive;
        position++;
        while (position < text.Length && (IsName(text[position]) || (text[position] == ':' && position + 2 < text.Length && text[position + 1] == ':' && IsName(text[position + 2]))))
            position += text[position] == ':' ? 3 : 1;
    }

    private void Number()
    {
        Kind = PtxToken.Number;
        bool based = text[position] == '0' && position + 1 < text.Length && text[position + 1] is 'x' or 'X' or 'f' or 'F' or 'd' or 'D' or 'b' or 'B';
        while (position < text.Length)
        {
            char c = text[position];
            if (char.IsAsciiLetterOrDigit(c) || (c == '.' && !based)) position++;
            else if (c is '+' or '-' && !based && text[position - 1] is 'e' or 'E') position++;
            else break;
        }
    }

    private void String()
    {
        Kind = PtxToken.String;
        position++;
        while (position < text.Length && text[position] is not ('"' or '\n')) position++;
        if (position >= text.Length || text[position] == '\n') throw PtxErrors.Syntax(Line, "the string is not closed on its line");
        position++;
    }

    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            char c = text[position];
            if (c == '\n') NextLine++;
            else if (c == '/' && position + 1 < text.Length && text[position + 1] == '/')
            {
                int end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
                continue;
            }
            else if (c == '/' && position + 1 < text.Length && text[position + 1] == '*')
            {
                int end = text.IndexOf("*/", position + 2, StringComparison.Ordinal);
                if (end < 0) throw PtxErrors.Syntax(NextLine, "the comment is not closed");
                NextLine += text.AsSpan(position, end - position).Count('\n');
                position = end + 2;
                continue;
            }
            else if (c is not (' ' or '\t' or '\r' or '\f' or '\v')) break;
            position++;
        }
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' or '%';

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '%';
}
