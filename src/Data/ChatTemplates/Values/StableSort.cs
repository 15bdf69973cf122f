namespace MmKernels.Data.ChatTemplates;

/// <summary>A merge sort by Python's order, whose comparison may fail with the template's error.</summary>
internal static class StableSort
{
    /// <summary>The indices of the keys in their order; equal keys keep theirs, also in reverse.</summary>
    public static int[] Order(List<object?> keys, bool reverse)
    {
        int[] order = [.. Enumerable.Range(0, keys.Count)], merged = new int[order.Length];
        for (int width = 1; width < order.Length; width *= 2)
        {
            for (int start = 0; start < order.Length; start += 2 * width)
                Merge(order.AsSpan(start, Math.Min(2 * width, order.Length - start)), Math.Min(width, order.Length - start), merged.AsSpan(start));
            (order, merged) = (merged, order);
        }
        return order;

        void Merge(ReadOnlySpan<int> both, int middle, Span<int> into)
        {
            int left = 0, right = middle;
            for (int i = 0; i < both.Length; i++)
            {
                bool takeRight = left == middle || right < both.Length && Less(both[right], both[left]);
                into[i] = both[takeRight ? right++ : left++];
            }
        }

        bool Less(int a, int b) => Py.Compare(keys[a], keys[b], "<", new PyDepth()) == (reverse ? 1 : -1);
    }
}
