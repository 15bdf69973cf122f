namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>Reads statements; expressions are in the other half.</summary>
internal sealed partial class TemplateParser
{
    private const int DeepestNesting = 100;
    private readonly List<TemplateToken> tokens;
    private readonly string name;
    private readonly Stack<string> openTags = new();
    private readonly Stack<string[]> awaited = new();
    private int at;
    private int depth;
    private int loops;
    private HashSet<string> mentioned = [];

    private TemplateParser(List<TemplateToken> tokens, string name) => (this.tokens, this.name) = (tokens, name);

    private TemplateToken Current => tokens[at];

    public static List<Statement> Parse(string source, string name)
    {
        var parser = new TemplateParser(TemplateLexer.Tokenize(source, name), name);
        List<Statement> body = parser.ParseBody([]);
        new TemplateChecker(name).Check(body, false);
        return body;
    }

    /// <summary>Statements up to one of the tags in <paramref name="ends"/>, which is left as the current token, or to the end of the template.</summary>
    private List<Statement> ParseBody(string[] ends)
    {
        Enter();
        var body = new List<Statement>();
        if (ends.Length > 0) awaited.Push(ends);
        while (Current.Kind != TokenKind.End)
        {
            TemplateToken token = Current;
            if (token.Kind == TokenKind.Data)
            {
                body.Add(new Statement.Data(token.Text, token.Line));
                at++;
            }
            else if (token.Kind == TokenKind.VariableBegin)
            {
                at++;
                body.Add(new Statement.Print(ParseTuple(true), token.Line));
                Expect(TokenKind.VariableEnd);
            }
            else
            {
                at++;
                if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text)) break;
                body.Add(ParseStatement());
                Expect(TokenKind.BlockEnd);
            }
        }
        if (ends.Length > 0) awaited.Pop();
        depth--;
        return body;
    }

    /// <summary>The end of a tag, then statements up to one of <paramref name="ends"/>; returns the name of the tag that ended them.</summary>
    private List<Statement> ParseBlock(out string end, params string[] ends)
    {
        SkipOperator(":");
        Expect(TokenKind.BlockEnd);
        List<Statement> body = ParseBody(ends);
        if (Current.Kind == TokenKind.End)
        {
            awaited.Push(ends);
            throw UnknownTag(null);
        }
        end = tokens[at++].Text;
        return body;
    }

    private Statement ParseStatement()
    {
        TemplateToken token = Current;
        if (token.Kind != TokenKind.Name) throw Fail("tag name expected");
        at++;
        openTags.Push(token.Text);
        Statement? statement = token.Text switch
        {
            "if" => ParseIf(token.Line),
            "for" => ParseFor(token.Line),
            "set" => ParseSet(token.Line),
            "macro" => ParseMacro(token.Line),
            "call" => ParseCallBlock(token.Line),
            "filter" => ParseFilterBlock(token.Line),
            "with" => ParseWith(token.Line),
            "print" => new Statement.Print(ParseTuple(true), token.Line),
            "generation" => new Statement.Block(ParseBlock(out _, "endgeneration"), false, token.Line),
            "block" => ParseNamedBlock(token.Line),
            "break" when loops > 0 => new Statement.Break(token.Line),
            "continue" when loops > 0 => new Statement.Continue(token.Line),
            "break" or "continue" => throw Fail($"'{token.Text}' outside a loop"),
            "include" or "import" or "from" or "extends" => ParseLoad(token.Line),
            _ => null,
        };
        openTags.Pop();
        return statement ?? throw UnknownTag(token.Text);
    }

    private Statement ParseIf(int line)
    {
        var branches = new List<(Expression Test, List<Statement> Body, int Line)>();
        string end = "elif";
        for (; end == "elif"; line = Current.Line)
        {
            Expression test = ParseTuple(false);
            branches.Add((test, ParseBlock(out end, "elif", "else", "endif"), line));
        }
        List<Statement> otherwise = end == "else" ? ParseBlock(out _, "endif") : [];
        for (int i = branches.Count - 1; i >= 0; i--)
            otherwise = [new Statement.If(branches[i].Test, branches[i].Body, otherwise, branches[i].Line)];
        return otherwise[0];
    }

    private Statement ParseFor(int line)
    {
        Target target = ParseTarget(false, "in");
        if (!SkipName("in")) throw Fail($"expected token 'in', got '{Current.Described}'");
        Expression values = ParseTuple(false, "recursive");
        Expression? test = SkipName("if") ? ParseExpression(true) : null;
        bool recursive = SkipName("recursive");
        loops++;
        List<Statement> body = ParseBlock(out string end, "endfor", "else");
        loops--;
        List<Statement> otherwise = end == "else" ? ParseBlock(out _, "endfor") : [];
        return new Statement.For(target, values, test, body, otherwise, recursive, line);
    }

    private Statement ParseSet(int line)
    {
        Target target = ParseTarget(true);
        if (SkipOperator("=")) return new Statement.Set(target, ParseTuple(true), line);
        Expression.Filter? filter = null;
        while (SkipOperator("|")) filter = ParseFilter(filter);
        return new Statement.SetBlock(target, filter, ParseBlock(out _, "endset"), line);
    }

    private Statement ParseMacro(int line)
    {
        string id = ExpectName();
        MacroSignature signature = ParseSignature();
        List<Statement> body = ParseMacroBody("endmacro", ref signature);
        return new Statement.Macro(id, signature, body, line);
    }

    private Statement ParseCallBlock(int line)
    {
        MacroSignature signature = Current.Is("(") ? ParseSignature() : new MacroSignature([], []);
        if (ParseExpression(true) is not Expression.Call call) throw Fail("expected call");
        List<Statement> body = ParseMacroBody("endcall", ref signature);
        return new Statement.CallBlock(signature, call, body, line);
    }

    private List<Statement> ParseMacroBody(string end, ref MacroSignature signature)
    {
        (int outerLoops, HashSet<string> outerNames) = (loops, mentioned);
        (loops, mentioned) = (0, []);
        List<Statement> body = ParseBlock(out _, end);
        signature = signature with
        {
            UsesCaller = mentioned.Contains("caller"), UsesKeywords = mentioned.Contains("kwargs"), UsesVariable = mentioned.Contains("varargs"),
        };
        outerNames.UnionWith(mentioned);
        (loops, mentioned) = (outerLoops, outerNames);
        return body;
    }

    private Statement ParseFilterBlock(int line)
    {
        Expression.Filter filter = ParseFilter(null);
        while (SkipOperator("|")) filter = ParseFilter(filter);
        return new Statement.FilterBlock(filter, ParseBlock(out _, "endfilter"), line);
    }

    private Statement ParseWith(int line)
    {
        var values = new List<(Target, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0) Expect(",");
            Target target = ParseTarget(false);
            Expect("=");
            values.Add((target, ParseExpression(true)));
        }
        return new Statement.With(values, ParseBlock(out _, "endwith"), line);
    }

    private Statement ParseNamedBlock(int line)
    {
        ExpectName();
        while (SkipName("scoped") || SkipName("required")) { }
        List<Statement> body = ParseBlock(out _, "endblock");
        if (Current.Kind == TokenKind.Name) at++;
        return new Statement.Block(body, true, line);
    }

    private Statement ParseLoad(int line)
    {
        while (Current.Kind is not (TokenKind.BlockEnd or TokenKind.End)) at++;
        return new Statement.Load(line);
    }

    private MacroSignature ParseSignature()
    {
        var names = new List<string>();
        var defaults = new List<Expression>();
        Expect("(");
        while (!Current.Is(")"))
        {
            if (names.Count > 0) Expect(",");
            names.Add(ExpectName());
            if (SkipOperator("=")) defaults.Add(ParseExpression(true));
            else if (defaults.Count > 0) throw Fail("non-default argument follows default argument");
        }
        Expect(")");
        return new MacroSignature(names, defaults);
    }

    private Target ParseTarget(bool withNamespace, string? end = null)
    {
        var items = new List<Target>();
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0) Expect(",");
            if (Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || Current.Is(")") || end is not null && Current.IsName(end)) break;
            if (SkipOperator("("))
            {
                Enter();
                items.Add(ParseTarget(withNamespace));
                depth--;
                Expect(")");
            }
            else
            {
                string id = ExpectName();
                if (id is "true" or "false" or "none" or "True" or "False" or "None") throw Fail("can't assign to 'const'");
                items.Add(withNamespace && SkipOperator(".") ? new Target(id, ExpectName(), null) : new Target(id, null, null));
            }
            if (!Current.Is(",")) break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 0) throw Fail($"Expected an expression, got '{Current.Described}'");
        return isTuple ? new Target(null, null, items) : items[0];
    }

    private void Enter()
    {
        if (++depth > DeepestNesting) throw Fail($"nested deeper than {DeepestNesting} levels");
    }

    private bool SkipOperator(string op)
    {
        if (!Current.Is(op)) return false;
        at++;
        return true;
    }

    private bool SkipName(string word)
    {
        if (!Current.IsName(word)) return false;
        at++;
        return true;
    }

    private void Expect(string op)
    {
        if (!SkipOperator(op)) throw Unexpected(op);
    }

    private void Expect(TokenKind kind)
    {
        if (Current.Kind != kind) throw Unexpected(new TemplateToken(kind, "", 0).Described);
        at++;
    }

    private string ExpectName()
    {
        if (Current.Kind != TokenKind.Name) throw Unexpected("name");
        return tokens[at++].Text;
    }

    private MmkException Unexpected(string expected) => Current.Kind == TokenKind.End
        ? Fail($"unexpected end of template, expected '{expected}'.")
        : Fail($"expected token '{expected}', got '{Current.Described}'");

    private MmkException Fail(string problem) => TextErrors.TemplateSyntax(name, Current.Line, problem);

    private MmkException UnknownTag(string? tag)
    {
        string problem = tag is null ? "Unexpected end of template." : $"Encountered unknown tag '{tag}'.";
        if (awaited.Count > 0)
        {
            string looking = string.Join(" or ", awaited.Peek().Select(end => $"'{end}'"));
            problem += tag is not null && awaited.Any(ends => ends.Contains(tag))
                ? $" You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {looking}."
                : $" Jinja was looking for the following tags: {looking}.";
        }
        if (openTags.Count > 0) problem += $" The innermost block that needs to be closed is '{openTags.Peek()}'.";
        return Fail(problem);
    }
}
