namespace MmKernels.Data.ChatTemplates;

/// <summary>An expression of a template.</summary>
internal abstract record Expression
{
    public sealed record Constant(object? Value) : Expression;

    public sealed record Name(string Id) : Expression;

    public sealed record Sequence(List<Expression> Items, bool IsTuple) : Expression;

    public sealed record Dictionary(List<(Expression Key, Expression Value)> Items) : Expression;

    public sealed record Attribute(Expression Target, string Id) : Expression;

    public sealed record Item(Expression Target, Expression Index) : Expression;

    public sealed record Slice(Expression? Start, Expression? Stop, Expression? Step) : Expression;

    public sealed record Call(Expression Target, CallArguments Arguments) : Expression;

    /// <summary>A filter; without a target the text of the enclosing block is filtered.</summary>
    public sealed record Filter(Expression? Target, string Id, CallArguments Arguments) : Expression;

    public sealed record Test(Expression Target, string Id, CallArguments Arguments, bool Negated) : Expression;

    public sealed record Unary(string Operator, Expression Operand) : Expression;

    public sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

    public sealed record Concat(List<Expression> Parts) : Expression;

    public sealed record Compare(Expression First, List<(string Operator, Expression Operand)> Rest) : Expression;

    public sealed record Conditional(Expression Condition, Expression Then, Expression? Else) : Expression;
}

/// <summary>Arguments as written: positional, named, *list and **mapping.</summary>
internal sealed record CallArguments(List<Expression> Positional, List<(string Name, Expression Value)> Named, Expression? List, Expression? Mapping)
{
    public static readonly CallArguments None = new([], [], null, null);
}
