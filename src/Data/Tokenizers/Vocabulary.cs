namespace MmKernels.Data.Tokenizers;

/// <summary>Tokens and their ids, both ways.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly string?[] dense;
    private readonly Dictionary<int, string> sparse = [];

    public Vocabulary(Dictionary<string, int> ids)
    {
        this.ids = ids;
        bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int limit = 0;
        foreach (int id in ids.Values)
            if (id < 4L * ids.Count + 1024) limit = Math.Max(limit, id + 1);
        dense = new string?[limit];
        foreach ((string token, int id) in ids)
        {
            if (id < limit) dense[id] = token;
            else sparse[id] = token;
        }
    }

    /// <summary>Number of tokens.</summary>
    public int Count => ids.Count;

    public IEnumerable<KeyValuePair<string, int>> Entries => ids;

    /// <summary>The id, or -1.</summary>
    public int Id(string token) => ids.GetValueOrDefault(token, -1);

    /// <summary>The id, or -1.</summary>
    public int Id(ReadOnlySpan<char> token) => bySpan.TryGetValue(token, out int id) ? id : -1;

    /// <summary>The id of the code points' text, or -1.</summary>
    public int Id(ReadOnlySpan<int> codes)
    {
        char[]? large = codes.Length <= 64 ? null : new char[codes.Length * 2];
        Span<char> buffer = large ?? stackalloc char[128];
        return Id(buffer[..CodePoints.ToUtf16(codes, buffer)]);
    }

    public string? Token(int id) => (uint)id < (uint)dense.Length ? dense[id] : sparse.GetValueOrDefault(id);

    /// <summary>Reads <c>{"token": id, …}</c>; of two equal keys the last counts.</summary>
    public static Vocabulary Parse(JsonView view)
    {
        var ids = new Dictionary<string, int>();
        foreach ((string key, JsonView value) in view.Fields())
            ids[key] = value.Element.ValueKind == System.Text.Json.JsonValueKind.Number && value.Element.TryGetInt32(out int id) && id >= 0
                ? id : throw new JsonView(value.Element, $"{view.Place}[\"{TextErrors.Short(key)}\"]").Wrong("an id");
        return new Vocabulary(ids);
    }
}
