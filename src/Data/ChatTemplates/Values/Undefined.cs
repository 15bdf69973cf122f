namespace MmKernels.Data.ChatTemplates;

using MmKernels.Data.Tokenizers;

/// <summary>What a missing name, key or attribute gives: prints as nothing, is false and empty; anything more is an error.</summary>
/// <param name="Problem">The message of that error.</param>
/// <param name="Type">Its Python type.</param>
internal sealed record Undefined(string Problem, string Type = "UndefinedError")
{
    public MmkException Error() => TextErrors.TemplateFailed(Type, Problem);

    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Attribute(object? target, string name) => new($"'{Described(target)}' has no attribute {PyRepr.Quote(name)}");

    public static Undefined Element(object? target, object? key)
        => key is string name ? Attribute(target, name) : new($"{Described(target)} has no element {PyRepr.Repr(key, new PyDepth())}");

    private static string Described(object? target) => target switch
    {
        null => "None",
        PyNamespace => "jinja2.utils.Namespace object",
        LoopContext => "jinja2.runtime.LoopContext object",
        Macro => "jinja2.runtime.Macro object",
        _ => $"{Py.TypeName(target)} object",
    };
}
