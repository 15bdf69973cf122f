namespace MmKernels.Data.ChatTemplates;

/// <summary>Names of a block; names that it lacks are those of the block around it.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object?> names = [];

    public object? this[string name]
    {
        set => names[name] = value;
    }

    public object? Get(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            if (scope.names.TryGetValue(name, out object? value)) return value;
        return Undefined.Name(name);
    }

    private Scope? Outer { get; } = outer;
}
