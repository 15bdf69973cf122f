namespace MmKernels.Data.Tokenizers;

/// <summary>Candidates for a merge, lowest rank first, leftmost first among equals: a binary heap that is reused.</summary>
internal sealed class MergeQueue
{
    private (ulong Key, int Result)[] heap = new (ulong, int)[64];
    private int count;

    public void Clear() => count = 0;

    public void Push(int rank, int position, int result)
    {
        if (count == heap.Length) Array.Resize(ref heap, count * 2);
        ulong key = (ulong)(uint)rank << 32 | (uint)position;
        int i = count++;
        while (i > 0 && heap[i - 1 >> 1].Key > key)
        {
            heap[i] = heap[i - 1 >> 1];
            i = i - 1 >> 1;
        }
        heap[i] = (key, result);
    }

    public bool Pop(out int position, out int result)
    {
        if (count == 0)
        {
            position = result = -1;
            return false;
        }
        position = (int)(uint)heap[0].Key;
        result = heap[0].Result;
        (ulong Key, int Result) last = heap[--count];
        int i = 0;
        for (int child = 1; child < count; child = 2 * i + 1)
        {
            if (child + 1 < count && heap[child + 1].Key < heap[child].Key) child++;
            if (heap[child].Key >= last.Key) break;
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = last;
        return true;
    }
}
