namespace MmKernels.Data.Tokenizers;

/// <summary>The symbols of one word while they are merged: a doubly linked list in arrays that are reused.</summary>
internal sealed class BpeWord
{
    private const int Short = 32;   // below this, looking for the least rank beats a heap
    private readonly MergeQueue queue = new();
    private readonly List<PieceToken> tokens = [];
    private int[] ids = new int[64];
    private int[] bytes = new int[64];
    private int[] previous = new int[64];
    private int[] next = new int[64];
    private int[] ranks = new int[64];     // of the pair of a symbol and the next one, or -1
    private int[] results = new int[64];
    private int count;

    /// <summary>Whether the arrays are small enough to be kept for the next word.</summary>
    public bool IsSmall => ids.Length <= 1 << 16;

    public void Clear() => count = 0;

    /// <summary>Appends a symbol that stands for so many UTF-8 bytes of the word.</summary>
    public void Add(int id, int utf8Bytes)
    {
        if (count == ids.Length) Grow();
        ids[count] = id;
        bytes[count++] = utf8Bytes;
    }

    /// <summary>Merges the pair of lowest rank, the leftmost of equals, until no pair is left: O(n log n).</summary>
    public void Merge(MergeTable merges)
    {
        if (count < 2) return;
        for (int i = 0; i + 1 < count; i++) ranks[i] = merges.Rank(ids[i], ids[i + 1], out results[i]);
        if (count <= Short) MergeShort(merges);
        else MergeLong(merges);
    }

    /// <summary>What is left; a token's range is that of the code points which its bytes touch. Valid until the next word.</summary>
    public ReadOnlySpan<PieceToken> Tokens(ReadOnlySpan<int> word)
    {
        tokens.Clear();
        int code = 0, codeStart = 0, at = 0;   // `at` and `codeStart` count bytes of the word
        for (int i = 0; i < count; i++)
        {
            if (ids[i] < 0) continue;
            while (code < word.Length && codeStart + CodePoints.Utf8Bytes(word[code]) <= at) codeStart += CodePoints.Utf8Bytes(word[code++]);
            at += bytes[i];
            int end = code, endStart = codeStart;
            while (end < word.Length && endStart < at) endStart += CodePoints.Utf8Bytes(word[end++]);
            tokens.Add(new PieceToken(ids[i], code, end));
        }
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens);
    }

    private void MergeShort(MergeTable merges)
    {
        while (true)
        {
            int least = -1;
            for (int i = 0; i + 1 < count; i++)
                if (ranks[i] >= 0 && (least < 0 || ranks[i] < ranks[least])) least = i;
            if (least < 0) return;
            ids[least] = results[least];
            bytes[least] += bytes[least + 1];
            int moved = count - least - 2;
            Array.Copy(ids, least + 2, ids, least + 1, moved);
            Array.Copy(bytes, least + 2, bytes, least + 1, moved);
            Array.Copy(ranks, least + 2, ranks, least + 1, moved);
            Array.Copy(results, least + 2, results, least + 1, moved);
            count--;
            if (least + 1 < count) ranks[least] = merges.Rank(ids[least], ids[least + 1], out results[least]);
            if (least > 0) ranks[least - 1] = merges.Rank(ids[least - 1], ids[least], out results[least - 1]);
        }
    }

    private void MergeLong(MergeTable merges)
    {
        queue.Clear();
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
            if (i + 1 < count && ranks[i] >= 0) queue.Push(ranks[i], i);
        }
        next[count - 1] = -1;
        ranks[count - 1] = -1;
        while (queue.Pop(out int rank, out int left))
        {
            if (ids[left] < 0 || ranks[left] != rank) continue;   // a neighbour has changed since this was queued
            int right = next[left];
            ids[left] = results[left];
            bytes[left] += bytes[right];
            ids[right] = -1;
            next[left] = next[right];
            ranks[left] = -1;
            if (next[left] >= 0)
            {
                previous[next[left]] = left;
                Consider(merges, left, next[left]);
            }
            if (previous[left] >= 0) Consider(merges, previous[left], left);
        }
    }

    private void Consider(MergeTable merges, int left, int right)
    {
        ranks[left] = merges.Rank(ids[left], ids[right], out results[left]);
        if (ranks[left] >= 0) queue.Push(ranks[left], left);
    }

    private void Grow()
    {
        int capacity = count * 2;
        Array.Resize(ref ids, capacity);
        Array.Resize(ref bytes, capacity);
        Array.Resize(ref previous, capacity);
        Array.Resize(ref next, capacity);
        Array.Resize(ref ranks, capacity);
        Array.Resize(ref results, capacity);
    }
}
