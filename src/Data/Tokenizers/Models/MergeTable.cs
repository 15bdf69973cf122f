namespace MmKernels.Data.Tokenizers;

/// <summary>Pairs of token ids and what they merge into, in an open-addressing hash table.</summary>
internal sealed class MergeTable
{
    private const ulong Free = ulong.MaxValue;
    private readonly ulong[] keys;
    private readonly int[] ranks;
    private readonly int[] results;
    private readonly int shift;

    public MergeTable(int count)
    {
        int bits = 4;
        while (1L << bits < 2L * count) bits++;
        keys = new ulong[1 << bits];
        Array.Fill(keys, Free);
        ranks = new int[keys.Length];
        results = new int[keys.Length];
        shift = 64 - bits;
    }

    /// <summary>Adds a merge; the last of two equal pairs counts.</summary>
    public void Add(int left, int right, int rank, int result)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        while (keys[slot] != Free && keys[slot] != key) slot = slot + 1 & keys.Length - 1;
        (keys[slot], ranks[slot], results[slot]) = (key, rank, result);
    }

    /// <summary>The rank of the pair's merge (lower merges first), or -1.</summary>
    public int Rank(int left, int right, out int result)
    {
        ulong key = Key(left, right);
        for (int slot = Slot(key); ; slot = slot + 1 & keys.Length - 1)
        {
            if (keys[slot] == key)
            {
                result = results[slot];
                return ranks[slot];
            }
            if (keys[slot] != Free) continue;
            result = -1;
            return -1;
        }
    }

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private int Slot(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> shift);
}
