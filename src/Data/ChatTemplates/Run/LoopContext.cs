namespace MmKernels.Data.ChatTemplates;

/// <summary>The variable <c>loop</c>. Looks ahead in the values only where the template asks for what comes.</summary>
internal sealed class LoopContext(IEnumerator<object?> values, int depth, Func<object?, string>? recurse) : PyCallable
{
    private readonly Queue<object?> ahead = new();
    private object? current = new Undefined("there is no previous item");
    private object? lastChanged = new();

    public override string Name => "loop";

    /// <summary>Position, from 1.</summary>
    public long Index { get; private set; }

    public object? Previous { get; private set; } = new Undefined("there is no previous item");

    public int Depth => depth;

    public long Count
    {
        get
        {
            while (values.MoveNext()) ahead.Enqueue(values.Current);
            return Index + ahead.Count;
        }
    }

    public bool IsLast => !Peek();

    public object? Next => Peek() ? ahead.Peek() : new Undefined("there is no next item");

    public bool Advance(out object? value)
    {
        if (!Peek())
        {
            value = null;
            return false;
        }
        value = ahead.Dequeue();
        Previous = current;
        current = value;
        Index++;
        return true;
    }

    public bool Changed(List<object?> items)
    {
        var now = new PyTuple([.. items]);
        bool same = Py.AreEqual(lastChanged, now);
        lastChanged = now;
        return !same;
    }

    public override object? Call(Arguments arguments)
        => recurse is null ? throw Py.TypeError("The loop must have the 'recursive' marker to be called recursively.") : recurse(arguments.Required(0, "iterable"));

    private bool Peek()
    {
        if (ahead.Count > 0) return true;
        if (!values.MoveNext()) return false;
        ahead.Enqueue(values.Current);
        return true;
    }
}
