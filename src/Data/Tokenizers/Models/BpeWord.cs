namespace MmKernels.Data.Tokenizers;

/// <summary>The symbols of one word while they are merged: a doubly linked list in arrays that are reused.</summary>
internal sealed class BpeWord
{
    private readonly MergeQueue queue = new();
    private int[] ids = new int[64];
    private int[] bytes = new int[64];
    private int[] previous = new int[64];
    private int[] next = new int[64];
    private int count;

    public void Clear() => count = 0;

    /// <summary>Appends a symbol that stands for so many UTF-8 bytes of the word.</summary>
    public void Add(int id, int utf8Bytes)
    {
        if (count == ids.Length)
        {
            Array.Resize(ref ids, count * 2);
            Array.Resize(ref bytes, count * 2);
            Array.Resize(ref previous, count * 2);
            Array.Resize(ref next, count * 2);
        }
        ids[count] = id;
        bytes[count] = utf8Bytes;
        previous[count] = count - 1;
        next[count] = count + 1;
        count++;
    }

    /// <summary>Merges the pair of lowest rank, the leftmost of equals, until no pair is left: O(n log n).</summary>
    public void Merge(MergeTable merges)
    {
        if (count < 2) return;
        next[count - 1] = -1;
        queue.Clear();
        for (int i = 0; i + 1 < count; i++) Consider(merges, i, i + 1);
        while (queue.Pop(out int left, out int result))
        {
            int right = next[left];
            // A candidate is stale where a neighbour has changed since it was queued.
            if (ids[left] < 0 || right < 0 || merges.Rank(ids[left], ids[right], out int now) < 0 || now != result) continue;
            ids[left] = result;
            bytes[left] += bytes[right];
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0)
            {
                previous[next[left]] = left;
                Consider(merges, left, next[left]);
            }
            if (previous[left] >= 0) Consider(merges, previous[left], left);
        }
    }

    /// <summary>Adds what is left to the sink; a symbol's range is that of the code points which its bytes touch.</summary>
    public void Emit(ReadOnlySpan<int> word, TokenSink sink)
    {
        int code = 0, codeStart = 0, at = 0;   // `at` and `codeStart` count bytes of the word
        for (int i = 0; i < count; i++)
        {
            if (ids[i] < 0) continue;
            while (code < word.Length && codeStart + CodePoints.Utf8Bytes(word[code]) <= at) codeStart += CodePoints.Utf8Bytes(word[code++]);
            int first = Math.Min(code, word.Length);
            at += bytes[i];
            int end = code, endStart = codeStart;
            while (end < word.Length && endStart < at) endStart += CodePoints.Utf8Bytes(word[end++]);
            sink.Add(ids[i], first, end);
        }
    }

    private void Consider(MergeTable merges, int left, int right)
    {
        int rank = merges.Rank(ids[left], ids[right], out int result);
        if (rank >= 0) queue.Push(rank, left, result);
    }
}
