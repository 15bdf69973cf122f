namespace MmKernels.Data.ChatTemplates;

/// <summary>A Python list; templates cannot change it.</summary>
internal sealed class PyList(List<object?> items)
{
    public List<object?> Items { get; } = items;
}

/// <summary>A Python tuple.</summary>
/// <param name="items">The elements.</param>
/// <param name="names">Attribute names of the elements, for the named tuples that groupby makes.</param>
internal sealed class PyTuple(object?[] items, string[]? names = null)
{
    public object?[] Items { get; } = items;

    public string[]? Names { get; } = names;
}

/// <summary>What keys(), values() and items() give.</summary>
internal sealed class PyView(string kind, List<object?> items)
{
    public string Kind { get; } = kind;

    public List<object?> Items { get; } = items;
}

/// <summary>A generator: its elements are made when they are asked for and can be taken once; it is always true.</summary>
internal sealed class PyGenerator(string name, IEnumerable<object?> items)
{
    private readonly IEnumerator<object?> source = items.GetEnumerator();

    public string Name { get; } = name;

    public IEnumerable<object?> Take()
    {
        while (source.MoveNext()) yield return source.Current;
    }
}

/// <summary>A range of integers.</summary>
internal sealed record PyRange(long Start, long Stop, long Step)
{
    public long Count => Step > 0 ? Start < Stop ? (Stop - Start - 1) / Step + 1 : 0 : Start > Stop ? (Start - Stop - 1) / -Step + 1 : 0;

    public IEnumerable<object?> Items()
    {
        long count = Count;
        for (long i = 0; i < count; i++) yield return Start + i * Step;
    }
}
