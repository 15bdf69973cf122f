using System.Runtime.InteropServices;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Aligned native memory that starts as zeros.</summary>
internal static unsafe class Native
{
    public static void* Allocate(long bytes, int align = 64)
    {
        void* memory;
        try { memory = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)align); }
        catch (OutOfMemoryException) { throw RuntimeErrors.OutOfMemory("interpreter", bytes); }
        NativeMemory.Clear(memory, (nuint)bytes);
        return memory;
    }

    /// <summary>Moves memory to a larger place; the new part is zeros.</summary>
    public static void* Grow(void* old, long oldBytes, long bytes)
    {
        void* memory = Allocate(bytes);
        if (old != null) Buffer.MemoryCopy(old, memory, bytes, oldBytes);
        Free(old);
        return memory;
    }

    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);
}
