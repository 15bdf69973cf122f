namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>The memory that kernels may touch: buffers, wrapped host memory and module variables.</summary>
internal sealed class MemoryMap
{
    private readonly SortedList<ulong, (ulong End, string Name)> ranges = [];

    public void Add(ulong start, long bytes, string name) => ranges[start] = (start + (ulong)Math.Max(bytes, 0), name);

    public void Remove(ulong start) => ranges.Remove(start);

    /// <summary>The range that holds an address.</summary>
    public bool TryFind(ulong address, out ulong start, out ulong end)
    {
        int i = Nearest(address);
        (start, end) = i < 0 ? (0, 0) : (ranges.Keys[i], ranges.Values[i].End);
        return i >= 0 && address < end;
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
