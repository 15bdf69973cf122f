namespace MmKernels.Graphs;

/// <summary>
/// Places intermediate tensors in one arena: two whose lifetimes (first to last launch that uses them) overlap get different bytes.
/// Largest first, each at the lowest offset that is free during its whole life.
/// </summary>
internal static class MemoryPlan
{
    private const long Alignment = 256;

    /// <summary>Sets every memory's offset in the arena and returns the arena's size in bytes.</summary>
    public static long Place(IReadOnlyList<TensorMemory> memories)
    {
        TensorMemory[] used = memories.Where(memory => memory.FirstUse >= 0 && memory.Bytes > 0).ToArray();
        var placed = new List<TensorMemory>(used.Length);   // by offset
        long arena = 0;
        foreach (TensorMemory memory in used.OrderByDescending(memory => memory.Bytes).ThenBy(memory => memory.FirstUse))
        {
            memory.BufferOffset = LowestFree(placed, memory);
            int index = placed.FindIndex(other => other.BufferOffset > memory.BufferOffset);
            placed.Insert(index < 0 ? placed.Count : index, memory);
            arena = Math.Max(arena, End(memory));
        }
        return arena;
    }

    private static long LowestFree(List<TensorMemory> placed, TensorMemory memory)
    {
        long offset = 0;
        foreach (TensorMemory other in placed)
        {
            bool together = other.FirstUse <= memory.LastUse && memory.FirstUse <= other.LastUse;
            if (!together) continue;
            if (offset + memory.Bytes <= other.BufferOffset) break;
            offset = Math.Max(offset, End(other));
        }
        return offset;
    }

    private static long End(TensorMemory memory) => (memory.BufferOffset + memory.Bytes + Alignment - 1) / Alignment * Alignment;
}
