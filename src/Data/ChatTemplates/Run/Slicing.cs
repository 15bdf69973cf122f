namespace MmKernels.Data.ChatTemplates;

/// <summary>value[start:stop:step].</summary>
internal static class Slicing
{
    public static object? Slice(object? value, object? start, object? stop, object? step, Budget budget)
    {
        if (value is Undefined undefined) throw undefined.Error();
        if (value is PyRange range) value = new PyList([.. range.Items()]);
        List<object?>? items = value switch
        {
            string text => [.. PyText.Characters(text)],
            PyList list => list.Items,
            PyTuple tuple => [.. tuple.Items],
            _ => null,
        };
        if (items is null) throw Py.TypeError(value is PyDict ? "unhashable type: 'slice'" : $"'{Py.TypeName(value)}' object is not subscriptable");
        budget.Charge(items.Count);
        var taken = new List<object?>();
        (long from, long to, long by) = Bounds(items.Count, start, stop, step);
        for (long i = from; by > 0 ? i < to : i > to; i += by) taken.Add(items[(int)i]);
        return value switch
        {
            string => string.Concat(taken),
            PyTuple => new PyTuple([.. taken]),
            _ => new PyList(taken),
        };
    }

    private static (long From, long To, long By) Bounds(long count, object? start, object? stop, object? step)
    {
        long by = step is null ? 1 : Index(step);
        if (by == 0) throw Py.ValueError("slice step cannot be zero");
        by = Math.Clamp(by, -count - 1, count + 1);
        long low = by > 0 ? 0 : -1, high = by > 0 ? count : count - 1;
        return (Bound(start, by > 0 ? low : high), Bound(stop, by > 0 ? high : low), by);

        long Bound(object? bound, long absent)
        {
            if (bound is null) return absent;
            long index = Index(bound);
            return Math.Clamp(index < 0 ? index + count : index, low, high);
        }
    }

    private static long Index(object value)
        => PyNumbers.IsInteger(value) ? PyNumbers.Long(value) : throw Py.TypeError("slice indices must be integers or None or have an __index__ method");
}
