namespace MmKernels.Data.ChatTemplates;

/// <summary>The arguments of one call.</summary>
/// <param name="Function">The called function's name, for messages.</param>
/// <param name="Positional">Arguments by position.</param>
/// <param name="Named">Arguments by name, in the order of the call.</param>
/// <param name="Renderer">The rendering that calls.</param>
internal sealed record Arguments(string Function, List<object?> Positional, List<(string Name, object? Value)> Named, Renderer Renderer)
{
    public Budget Budget => Renderer.Budget;

    public bool Has(int index, string name) => index < Positional.Count || Named.Any(argument => argument.Name == name);

    /// <summary>The argument at a position or of a name, else <paramref name="absent"/>.</summary>
    public object? Optional(int index, string name, object? absent = null)
    {
        if (index >= 0 && index < Positional.Count) return Positional[index];
        foreach ((string key, object? value) in Named)
            if (key == name) return value;
        return absent;
    }

    public object? Required(int index, string name)
        => Has(index, name) ? Optional(index, name) : throw Py.TypeError($"{Function}() missing 1 required positional argument: '{name}'");

    public string Text(int index, string name, string? absent = null)
    {
        object? value = absent is null ? Required(index, name) : Optional(index, name, absent);
        return value as string ?? throw Wrong(value, name, "str");
    }

    public string? TextOrNone(int index, string name)
    {
        object? value = Optional(index, name);
        return value is null or string ? (string?)value : throw Wrong(value, name, "str or None");
    }

    public long Integer(int index, string name, long? absent = null)
    {
        object? value = absent is null ? Required(index, name) : Optional(index, name, absent);
        return PyNumbers.IsInteger(value) ? PyNumbers.Long(value!) : throw Wrong(value, name, "int");
    }

    public bool Flag(int index, string name, bool absent) => Py.IsTrue(Optional(index, name, absent));

    /// <summary>Refuses more arguments than there are parameters, and names that are not among them.</summary>
    public Arguments Only(params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
            throw Py.TypeError($"{Function}() takes {names.Length} positional arguments but {Positional.Count} were given");
        foreach ((string name, _) in Named)
            if (!names.Contains(name)) throw Py.TypeError($"{Function}() got an unexpected keyword argument '{name}'");
        return this;
    }

    private MmkException Wrong(object? value, string name, string type)
        => value is Undefined undefined ? undefined.Error() : Py.TypeError($"{Function}(): '{name}' must be {type}, not {Py.TypeName(value)}");
}
