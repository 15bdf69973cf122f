using System.Numerics;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>A set of register indices.</summary>
internal sealed class BitSet(int count)
{
    private readonly ulong[] words = new ulong[(count + 63) / 64];

    public bool this[int index]
    {
        get => (words[index >> 6] >> (index & 63) & 1) != 0;
        set
        {
            if (value) words[index >> 6] |= 1ul << (index & 63);
            else words[index >> 6] &= ~(1ul << (index & 63));
        }
    }

    public void Clear() => Array.Clear(words);

    public void CopyFrom(BitSet other) => other.words.CopyTo(words, 0);

    /// <summary>Adds the other's members; true when that changed the set.</summary>
    public bool UnionWith(BitSet other)
    {
        ulong changed = 0;
        for (int i = 0; i < words.Length; i++)
        {
            ulong united = words[i] | other.words[i];
            changed |= united ^ words[i];
            words[i] = united;
        }
        return changed != 0;
    }

    public IEnumerable<int> Members()
    {
        for (int i = 0; i < words.Length; i++)
            for (ulong word = words[i]; word != 0; word &= word - 1)
                yield return i * 64 + BitOperations.TrailingZeroCount(word);
    }
}
