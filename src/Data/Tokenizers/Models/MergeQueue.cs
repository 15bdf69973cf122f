namespace MmKernels.Data.Tokenizers;

/// <summary>Candidates for a merge, lowest rank first, leftmost first among equals: a heap with four children a node, reused.</summary>
internal sealed class MergeQueue
{
    private ulong[] heap = new ulong[64];
    private int count;

    public void Clear() => count = 0;

    public void Push(int rank, int position)
    {
        if (count == heap.Length) Array.Resize(ref heap, count * 2);
        ulong key = (ulong)(uint)rank << 32 | (uint)position;
        int i = count++;
        while (i > 0 && heap[i - 1 >> 2] > key)
        {
            heap[i] = heap[i - 1 >> 2];
            i = i - 1 >> 2;
        }
        heap[i] = key;
    }

    public bool Pop(out int rank, out int position)
    {
        if (count == 0)
        {
            rank = position = -1;
            return false;
        }
        rank = (int)(heap[0] >> 32);
        position = (int)(uint)heap[0];
        ulong last = heap[--count];
        int i = 0;
        for (int first = 1; first < count; first = 4 * i + 1)
        {
            int least = first, end = Math.Min(first + 4, count);
            for (int child = first + 1; child < end; child++)
                if (heap[child] < heap[least]) least = child;
            if (heap[least] >= last) break;
            heap[i] = heap[least];
            i = least;
        }
        heap[i] = last;
        return true;
    }
}
