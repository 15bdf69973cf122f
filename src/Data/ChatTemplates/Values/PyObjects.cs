namespace MmKernels.Data.ChatTemplates;

/// <summary>namespace(): the only value whose attributes a template may set.</summary>
internal sealed class PyNamespace
{
    public PyDict Attributes { get; } = new();
}

/// <summary>Something that can be called.</summary>
internal abstract class PyCallable
{
    public abstract string Name { get; }

    public abstract object? Call(Arguments arguments);
}

/// <summary>A function or a bound method of the environment.</summary>
internal sealed class PyFunction(string name, Func<Arguments, object?> body) : PyCallable
{
    public override string Name => name;

    public override object? Call(Arguments arguments) => body(arguments);
}

/// <summary>cycler(…): gives its items in turn.</summary>
internal sealed class PyCycler(IReadOnlyList<object?> items)
{
    private int at;

    public object? Current => items[at];

    public object? Next()
    {
        object? current = items[at];
        at = (at + 1) % items.Count;
        return current;
    }

    public void Reset() => at = 0;
}

/// <summary>joiner(separator): gives nothing the first time and the separator afterwards.</summary>
internal sealed class PyJoiner(object? separator) : PyCallable
{
    private bool used;

    public override string Name => "joiner";

    public override object? Call(Arguments arguments)
    {
        if (used) return separator;
        used = true;
        return "";
    }
}
