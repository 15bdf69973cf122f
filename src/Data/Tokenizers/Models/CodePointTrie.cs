namespace MmKernels.Data.Tokenizers;

/// <summary>Strings of code points with a value each, walked from any place of a text; edges lie in an open-addressing hash table.</summary>
internal sealed class CodePointTrie
{
    private const ulong Free = ulong.MaxValue;
    private readonly List<int> values = [-1];
    private ulong[] keys = new ulong[64];
    private int[] targets = new int[64];
    private int edges;

    public CodePointTrie() => Array.Fill(keys, Free);

    public void Add(ReadOnlySpan<int> content, int value)
    {
        int node = 0;
        foreach (int code in content)
        {
            int next = Next(node, code);
            if (next < 0)
            {
                next = values.Count;
                values.Add(-1);
                AddEdge(node, code, next);
            }
            node = next;
        }
        values[node] = value;
    }

    /// <summary>The node behind an edge, or -1. The root is 0.</summary>
    public int Next(int node, int code)
    {
        ulong key = (ulong)(uint)node << 32 | (uint)code;
        for (int slot = Slot(key); ; slot = slot + 1 & keys.Length - 1)
        {
            if (keys[slot] == key) return targets[slot];
            if (keys[slot] == Free) return -1;
        }
    }

    /// <summary>The value of the string that ends at a node, or -1.</summary>
    public int Value(int node) => values[node];

    private void AddEdge(int node, int code, int target)
    {
        if (++edges * 2 > keys.Length)
        {
            (ulong[] oldKeys, int[] oldTargets) = (keys, targets);
            keys = new ulong[oldKeys.Length * 2];
            targets = new int[keys.Length];
            Array.Fill(keys, Free);
            for (int i = 0; i < oldKeys.Length; i++)
                if (oldKeys[i] != Free) Put(oldKeys[i], oldTargets[i]);
        }
        Put((ulong)(uint)node << 32 | (uint)code, target);
    }

    private void Put(ulong key, int target)
    {
        int slot = Slot(key);
        while (keys[slot] != Free) slot = slot + 1 & keys.Length - 1;
        (keys[slot], targets[slot]) = (key, target);
    }

    private int Slot(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> 64 - System.Numerics.BitOperations.Log2((uint)keys.Length));
}
