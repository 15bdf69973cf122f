using System.Globalization;
using System.Numerics;

namespace MmKernels.Data.ChatTemplates;

/// <summary>Expressions, with the precedences of Jinja 3.1: or, and, not, comparisons, + -, ~, * / // %, **, unary, postfix, filters and tests.</summary>
internal sealed partial class TemplateParser
{
    private Expression ParseExpression(bool conditional)
    {
        Enter();
        Expression result = conditional ? ParseConditional() : ParseOr();
        depth--;
        return result;
    }

    private Expression ParseTuple(bool conditional, string? end = null, bool parenthesized = false)
    {
        var items = new List<Expression>();
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0) Expect(",");
            if (Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || Current.Is(")") || end is not null && Current.IsName(end)) break;
            items.Add(ParseExpression(conditional));
            if (!Current.Is(",")) break;
            isTuple = true;
        }
        if (isTuple) return new Expression.Sequence(items, true);
        if (items.Count > 0) return items[0];
        if (parenthesized) return new Expression.Sequence(items, true);
        throw Fail(Current.Kind == TokenKind.End ? $"unexpected '{Current.Described}'" : $"Expected an expression, got '{Current.Described}'");
    }

    private Expression ParseConditional()
    {
        Expression result = ParseOr();
        while (SkipName("if"))
        {
            Expression test = ParseOr();
            Expression? otherwise = null;
            if (SkipName("else")) otherwise = ParseExpression(true);
            result = new Expression.Conditional(test, result, otherwise);
        }
        return result;
    }

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (SkipName("or")) left = new Expression.Binary("or", left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (SkipName("and")) left = new Expression.Binary("and", left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        int count = 0;
        while (SkipName("not")) count++;
        Expression result = ParseCompare();
        int kept = count <= 2 ? count : 2 + count % 2;   // two more negations change nothing
        for (int i = 0; i < kept; i++) result = new Expression.Unary("not", result);
        return result;
    }

    private Expression ParseCompare()
    {
        Expression first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=") rest.Add((tokens[at++].Text, ParseSum()));
            else if (SkipName("in")) rest.Add(("in", ParseSum()));
            else if (Current.IsName("not") && tokens[at + 1].IsName("in"))
            {
                at += 2;
                rest.Add(("not in", ParseSum()));
            }
            else break;
        }
        return rest.Count == 0 ? first : new Expression.Compare(first, rest);
    }

    private Expression ParseSum()
    {
        Expression left = ParseConcat();
        while (Current.Is("+") || Current.Is("-")) left = new Expression.Binary(tokens[at++].Text, left, ParseConcat());
        return left;
    }

    private Expression ParseConcat()
    {
        Expression first = ParseProduct();
        if (!Current.Is("~")) return first;
        var parts = new List<Expression> { first };
        while (SkipOperator("~")) parts.Add(ParseProduct());
        return new Expression.Concat(parts);
    }

    private Expression ParseProduct()
    {
        Expression left = ParsePower();
        while (Current.Kind == TokenKind.Operator && Current.Text is "*" or "/" or "//" or "%") left = new Expression.Binary(tokens[at++].Text, left, ParsePower());
        return left;
    }

    private Expression ParsePower()
    {
        Expression left = ParseUnary(true);
        while (SkipOperator("**")) left = new Expression.Binary("**", left, ParseUnary(true));
        return left;
    }

    private Expression ParseUnary(bool withFilter)
    {
        Expression result;
        if (Current.Is("-") || Current.Is("+"))
        {
            string op = tokens[at++].Text;
            Enter();
            result = new Expression.Unary(op, ParseUnary(false));
            depth--;
        }
        else result = ParsePrimary();
        result = ParsePostfix(result);
        return withFilter ? ParseFiltersAndTests(result) : result;
    }

    private Expression ParsePrimary()
    {
        TemplateToken token = Current;
        at++;
        switch (token.Kind)
        {
            case TokenKind.Name:
                mentioned.Add(token.Text);
                return token.Text switch
                {
                    "true" or "True" => new Expression.Constant(true),
                    "false" or "False" => new Expression.Constant(false),
                    "none" or "None" => new Expression.Constant(null),
                    _ => new Expression.Name(token.Text),
                };
            case TokenKind.Text:
                // Literals side by side are one; collected first, because a hostile template has thousands.
                int first = at - 1;
                while (Current.Kind == TokenKind.Text) at++;
                return new Expression.Constant(string.Concat(tokens.Skip(first).Take(at - first).Select(literal => literal.Text)));
            case TokenKind.Integer:
                return new Expression.Constant(ParseInteger(token.Text));
            case TokenKind.Float:
                return new Expression.Constant(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Text == "(":
                Expression inner = ParseTuple(true, null, true);
                Expect(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseDictionary();
            default:
                at--;
                throw Fail($"unexpected '{token.Described}'");
        }
    }

    private object ParseInteger(string digits)
    {
        if (digits.Length > 1000) throw Fail("an integer of more than 1000 digits");
        int radix = digits.Length > 2 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        BigInteger value = 0;
        foreach (char c in radix == 10 ? digits : digits[2..])
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) throw Fail($"unexpected char '{c}' in {digits}");
            value = value * radix + digit;
        }
        return PyNumbers.Fit(value);
    }

    private Expression ParseList()
    {
        var items = new List<Expression>();
        while (!Current.Is("]"))
        {
            if (items.Count > 0) Expect(",");
            if (Current.Is("]")) break;
            items.Add(ParseExpression(true));
        }
        Expect("]");
        return new Expression.Sequence(items, false);
    }

    private Expression ParseDictionary()
    {
        var items = new List<(Expression, Expression)>();
        while (!Current.Is("}"))
        {
            if (items.Count > 0) Expect(",");
            if (Current.Is("}")) break;
            Expression key = ParseExpression(true);
            Expect(":");
            items.Add((key, ParseExpression(true)));
        }
        Expect("}");
        return new Expression.Dictionary(items);
    }

    private Expression ParsePostfix(Expression result)
    {
        while (true)
        {
            if (SkipOperator("."))
            {
                TemplateToken token = Current;
                at++;
                if (token.Kind == TokenKind.Name) result = new Expression.Attribute(result, token.Text);
                else if (token.Kind == TokenKind.Integer) result = new Expression.Item(result, new Expression.Constant(ParseInteger(token.Text)));
                else
                {
                    at--;
                    throw Fail("expected name or number");
                }
            }
            else if (SkipOperator("["))
            {
                var indices = new List<Expression>();
                while (!Current.Is("]"))
                {
                    if (indices.Count > 0) Expect(",");
                    indices.Add(ParseIndex());
                }
                Expect("]");
                result = new Expression.Item(result, indices.Count == 1 ? indices[0] : new Expression.Sequence(indices, true));
            }
            else if (Current.Is("(")) result = new Expression.Call(result, ParseArguments());
            else return result;
        }
    }

    private Expression ParseIndex()
    {
        Expression? start = Current.Is(":") ? null : ParseExpression(true);
        if (start is not null && !Current.Is(":")) return start;
        Expect(":");
        Expression? stop = Current.Is(":") || Current.Is("]") || Current.Is(",") ? null : ParseExpression(true);
        Expression? step = SkipOperator(":") && !Current.Is("]") && !Current.Is(",") ? ParseExpression(true) : null;
        return new Expression.Slice(start, stop, step);
    }

    private Expression ParseFiltersAndTests(Expression result)
    {
        while (true)
        {
            if (SkipOperator("|")) result = ParseFilter(result);
            else if (SkipName("is")) result = ParseTest(result);
            else if (Current.Is("(")) result = new Expression.Call(result, ParseArguments());
            else return result;
        }
    }

    private Expression.Filter ParseFilter(Expression? target)
    {
        string id = ExpectDottedName();
        return new Expression.Filter(target, id, Current.Is("(") ? ParseArguments() : CallArguments.None);
    }

    /// <summary>Joined at the end: a hostile name has thousands of parts.</summary>
    private string ExpectDottedName()
    {
        string name = ExpectName();
        if (!Current.Is(".")) return name;
        var parts = new List<string> { name };
        while (SkipOperator(".")) parts.Add(ExpectName());
        return string.Join('.', parts);
    }

    private Expression ParseTest(Expression target)
    {
        bool negated = SkipName("not");
        string id = ExpectDottedName();
        CallArguments arguments = CallArguments.None;
        if (Current.Is("(")) arguments = ParseArguments();
        else if (Current.Kind is TokenKind.Name or TokenKind.Text or TokenKind.Integer or TokenKind.Float || Current.Is("[") || Current.Is("{"))
        {
            if (Current.IsName("is")) throw Fail("You cannot chain multiple tests with is");
            if (!(Current.IsName("else") || Current.IsName("or") || Current.IsName("and")))
                arguments = new CallArguments([ParsePostfix(ParsePrimary())], [], null, null);
        }
        return new Expression.Test(target, id, arguments, negated);
    }

    private CallArguments ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? list = null, mapping = null;
        Expect("(");
        bool first = true;
        while (!Current.Is(")"))
        {
            if (!first) Expect(",");
            first = false;
            if (Current.Is(")")) break;
            if (SkipOperator("*"))
            {
                if (list is not null || mapping is not null) throw Fail("invalid syntax for function call expression");
                list = ParseExpression(true);
            }
            else if (SkipOperator("**"))
            {
                if (mapping is not null) throw Fail("invalid syntax for function call expression");
                mapping = ParseExpression(true);
            }
            else if (Current.Kind == TokenKind.Name && tokens[at + 1].Is("="))
            {
                string id = ExpectName();
                at++;
                if (mapping is not null) throw Fail("invalid syntax for function call expression");
                named.Add((id, ParseExpression(true)));
            }
            else
            {
                if (named.Count > 0 || list is not null || mapping is not null) throw Fail("invalid syntax for function call expression");
                positional.Add(ParseExpression(true));
            }
        }
        Expect(")");
        return new CallArguments(positional, named, list, mapping);
    }
}
