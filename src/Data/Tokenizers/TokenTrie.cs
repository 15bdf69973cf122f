namespace MmKernels.Data.Tokenizers;

/// <summary>Finds the leftmost, at that place longest, of a set of code-point strings.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<(int Node, int Code), int> edges = [];
    private readonly List<int> ids = [-1];
    private readonly bool[] firstAscii = new bool[128];
    private bool firstOther;

    public bool IsEmpty => edges.Count == 0;

    /// <summary>Adds a string; of equal strings the first keeps the match. An empty one is ignored.</summary>
    public void Add(ReadOnlySpan<int> content, int id)
    {
        if (content.Length == 0) return;
        if (content[0] < 128) firstAscii[content[0]] = true;
        else firstOther = true;
        int node = 0;
        foreach (int code in content)
        {
            if (!edges.TryGetValue((node, code), out int next))
            {
                next = ids.Count;
                ids.Add(-1);
                edges.Add((node, code), next);
            }
            node = next;
        }
        if (ids[node] < 0) ids[node] = id;
    }

    /// <summary>The first match that begins at or after <paramref name="from"/>.</summary>
    public bool Next(ReadOnlySpan<int> codes, int from, out int start, out int end, out int id)
    {
        for (start = from; start < codes.Length; start++)
        {
            int first = codes[start];
            if (first < 128 ? !firstAscii[first] : !firstOther) continue;
            if (!LongestAt(codes, start, out end, out id)) continue;
            return true;
        }
        end = start;
        id = -1;
        return false;
    }

    private bool LongestAt(ReadOnlySpan<int> codes, int start, out int end, out int id)
    {
        (end, id) = (start, -1);
        int node = 0;
        for (int i = start; i < codes.Length && edges.TryGetValue((node, codes[i]), out node); i++)
            if (ids[node] >= 0) (end, id) = (i + 1, ids[node]);
        return id >= 0;
    }
}
