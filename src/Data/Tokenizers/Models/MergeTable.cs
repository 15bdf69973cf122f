namespace MmKernels.Data.Tokenizers;

/// <summary>Pairs of token ids and what they merge into, in an open-addressing hash table whose entries lie in one cache line each.</summary>
internal sealed class MergeTable
{
    private const ulong Free = ulong.MaxValue;
    private readonly Entry[] entries;
    private readonly int shift;

    private record struct Entry(ulong Key, int Rank, int Result);

    public MergeTable(int count)
    {
        int bits = 4;
        while (1L << bits < 3L * count / 2) bits++;
        entries = new Entry[1 << bits];
        Array.Fill(entries, new Entry(Free, -1, -1));
        shift = 64 - bits;
    }

    /// <summary>Adds a merge; the last of two equal pairs counts.</summary>
    public void Add(int left, int right, int rank, int result)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        while (entries[slot].Key != Free && entries[slot].Key != key) slot = slot + 1 & entries.Length - 1;
        entries[slot] = new Entry(key, rank, result);
    }

    /// <summary>The rank of the pair's merge (lower merges first), or -1.</summary>
    public int Rank(int left, int right, out int result)
    {
        ulong key = Key(left, right);
        for (int slot = Slot(key); ; slot = slot + 1 & entries.Length - 1)
        {
            ref readonly Entry entry = ref entries[slot];
            if (entry.Key != key && entry.Key != Free) continue;
            result = entry.Result;
            return entry.Rank;
        }
    }

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private int Slot(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> shift);
}
