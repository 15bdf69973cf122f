namespace MmKernels.Data.ChatTemplates;

/// <summary>A statement of a template.</summary>
internal abstract record Statement(int Line)
{
    public sealed record Data(string Text, int Line) : Statement(Line);

    public sealed record Print(Expression Value, int Line) : Statement(Line);

    public sealed record If(Expression Test, List<Statement> Then, List<Statement> Else, int Line) : Statement(Line);

    public sealed record For(Target Target, Expression Values, Expression? Test, List<Statement> Body, List<Statement> Else, bool Recursive, int Line) : Statement(Line);

    public sealed record Set(Target Target, Expression Value, int Line) : Statement(Line);

    public sealed record SetBlock(Target Target, Expression.Filter? Filter, List<Statement> Body, int Line) : Statement(Line);

    public sealed record With(List<(Target Target, Expression Value)> Values, List<Statement> Body, int Line) : Statement(Line);

    public sealed record Macro(string Name, MacroSignature Signature, List<Statement> Body, int Line) : Statement(Line);

    public sealed record CallBlock(MacroSignature Signature, Expression.Call Call, List<Statement> Body, int Line) : Statement(Line);

    public sealed record FilterBlock(Expression.Filter Filter, List<Statement> Body, int Line) : Statement(Line);

    /// <summary>A body that is rendered in a scope of its own (block) or as it stands (generation).</summary>
    public sealed record Block(List<Statement> Body, bool OwnScope, int Line) : Statement(Line);

    /// <summary>include, import, from and extends, which need a loader that chat templates do not have.</summary>
    public sealed record Load(int Line) : Statement(Line);

    public sealed record Break(int Line) : Statement(Line);

    public sealed record Continue(int Line) : Statement(Line);
}

/// <summary>What an assignment writes to: a name, an attribute of a namespace, or several of them.</summary>
internal sealed record Target(string? Name, string? Attribute, List<Target>? Items);

/// <summary>A macro's parameters; the last ones may have defaults. Which of the special names its body mentions decides what it accepts.</summary>
internal sealed record MacroSignature(List<string> Names, List<Expression> Defaults)
{
    public bool UsesCaller { get; init; }

    public bool UsesKeywords { get; init; }

    public bool UsesVariable { get; init; }
}
