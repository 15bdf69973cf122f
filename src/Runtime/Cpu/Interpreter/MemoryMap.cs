namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>The memory that kernels may touch: buffers, wrapped host memory and module variables.</summary>
internal sealed class MemoryMap
{
    private const int FreedAtMost = 64;

    private readonly Lock changing = new();

    private readonly SortedList<ulong, (ulong End, string Name, byte[]? Shadow, int Uses)> ranges = [];
    private readonly SortedList<ulong, ulong> freed = [];

    /// <param name="start">First address.</param>
    /// <param name="bytes">Length.</param>
    /// <param name="name">For messages.</param>
    /// <param name="shadow">One byte per byte: its bits without a value; null where all have one.</param>
    public void Add(ulong start, long bytes, string name, byte[]? shadow = null)
    {
        ulong end = start + (ulong)Math.Max(bytes, 0);
        using Lock.Scope scope = changing.EnterScope();
        for (int i = freed.Count - 1; i >= 0; i--)
            if (freed.Keys[i] < end && freed.Values[i] > start) freed.RemoveAt(i);
        int uses = ranges.TryGetValue(start, out (ulong End, string, byte[]?, int Uses) known) ? known.Uses : 0;
        ranges[start] = (Math.Max(end, known.End), name, shadow, uses + 1);
    }

    public void Remove(ulong start)
    {
        using Lock.Scope scope = changing.EnterScope();
        if (!ranges.TryGetValue(start, out (ulong End, string Name, byte[]? Shadow, int Uses) known)) return;
        if (known.Uses > 1)
        {
            ranges[start] = known with { Uses = known.Uses - 1 };
            return;
        }
        ranges.Remove(start);
        if (freed.Count >= FreedAtMost) freed.RemoveAt(0);
        freed[start] = known.End;
    }

    public bool AnyFreed => freed.Count > 0;

    /// <summary>The freed range that holds an address, unless its memory belongs to another by now.</summary>
    public bool WasFreed(ulong address, out long bytes)
    {
        using Lock.Scope scope = changing.EnterScope();
        for (int i = 0; i < freed.Count; i++)
        {
            bytes = (long)(freed.Values[i] - freed.Keys[i]);
            if (address >= freed.Keys[i] && address < freed.Values[i] && !TryFind(address, out _, out _)) return true;
        }
        bytes = 0;
        return false;
    }

    /// <summary>The range that holds an address.</summary>
    public bool TryFind(ulong address, out ulong start, out ulong end)
    {
        using Lock.Scope scope = changing.EnterScope();
        int i = Nearest(address);
        // Wrapped memory may lie inside other wrapped memory.
        while (i >= 0 && address >= ranges.Values[i].End) i--;
        (start, end) = i < 0 ? (0, 0) : (ranges.Keys[i], ranges.Values[i].End);
        return i >= 0;
    }

    /// <summary>The undefined bits of the range that holds an address, and the address's place in them; null where all bits have values.</summary>
    public byte[]? Shadow(ulong address, out int at)
    {
        int i = Nearest(address);
        at = i < 0 ? 0 : (int)Math.Min(address - ranges.Keys[i], int.MaxValue);
        return i >= 0 && address < ranges.Values[i].End ? ranges.Values[i].Shadow : null;
    }

    /// <summary>For people: where an address lies, or the range it just missed.</summary>
    public string Describe(ulong address, Func<ulong, string?> nameOf)
    {
        int i = Nearest(address);
        if (i >= 0 && address < ranges.Values[i].End) return $"{Name(i, nameOf)} + {address - ranges.Keys[i]}";
        string below = i < 0 ? "" : $"{address - ranges.Values[i].End} bytes behind the end of {Name(i, nameOf)} ({ranges.Values[i].End - ranges.Keys[i]} bytes)";
        string above = i + 1 >= ranges.Count ? "" : $"{ranges.Keys[i + 1] - address} bytes before {Name(i + 1, nameOf)}";
        bool nearerBelow = above.Length == 0 || (below.Length > 0 && address - ranges.Values[i].End <= ranges.Keys[i + 1] - address);
        return below.Length == 0 && above.Length == 0 ? "no memory is allocated" : nearerBelow ? below : above;
    }

    private string Name(int i, Func<ulong, string?> nameOf) => nameOf(ranges.Keys[i]) ?? ranges.Values[i].Name;

    /// <summary>Index of the last range that starts at or below an address; -1 where none does.</summary>
    private int Nearest(ulong address)
    {
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges.Keys[middle] <= address) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }
}
