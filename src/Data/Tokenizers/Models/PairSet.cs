namespace MmKernels.Data.Tokenizers;

/// <summary>A set of pairs of code points: a bitmap for ASCII, an open-addressing hash table for the rest.</summary>
internal sealed class PairSet
{
    private const ulong Free = ulong.MaxValue;
    private readonly ulong[] ascii = new ulong[128 * 128 / 64];
    private ulong[] keys = new ulong[64];
    private int count;

    public PairSet() => Array.Fill(keys, Free);

    public void Add(int first, int second)
    {
        if ((first | second) < 128)
        {
            ascii[first << 1 | second >> 6] |= 1UL << (second & 63);
            return;
        }
        if (Contains(first, second)) return;
        if (++count * 2 > keys.Length)
        {
            ulong[] old = keys;
            keys = new ulong[old.Length * 2];
            Array.Fill(keys, Free);
            foreach (ulong key in old)
                if (key != Free) Put(key);
        }
        Put((ulong)(uint)first << 32 | (uint)second);
    }

    public bool Contains(int first, int second)
    {
        if ((first | second) < 128) return (ascii[first << 1 | second >> 6] >> (second & 63) & 1) != 0;
        ulong key = (ulong)(uint)first << 32 | (uint)second;
        for (int slot = Slot(key); keys[slot] != Free; slot = slot + 1 & keys.Length - 1)
            if (keys[slot] == key) return true;
        return false;
    }

    private void Put(ulong key)
    {
        int slot = Slot(key);
        while (keys[slot] != Free) slot = slot + 1 & keys.Length - 1;
        keys[slot] = key;
    }

    private int Slot(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> 64 - System.Numerics.BitOperations.Log2((uint)keys.Length));
}
