using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Sizes that an entry can take.</summary>
internal static class LaunchChecks
{
    /// <exception cref="MmkException">MMK306: which size, and what is allowed.</exception>
    public static void Check(PtxFunction entry, Dim3 grid, Dim3 block, int maxThreads)
    {
        if (grid.X < 1 || grid.Y < 1 || grid.Z < 1) throw RuntimeErrors.LaunchSize(entry.Name, $"the grid is {grid.X}x{grid.Y}x{grid.Z}");
        if (block.X < 1 || block.Y < 1 || block.Z < 1) throw RuntimeErrors.LaunchSize(entry.Name, $"the block is {block.X}x{block.Y}x{block.Z}");
        if (block.Count > maxThreads) throw RuntimeErrors.LaunchSize(entry.Name, $"the block has {block.Count} threads, at most {maxThreads} are allowed");
        if (entry.RequiredThreads is { } required && (required[0] != block.X || required[1] != block.Y || required[2] != block.Z))
            throw RuntimeErrors.LaunchSize(entry.Name, $"the block is {block.X}x{block.Y}x{block.Z}, the kernel requires {required[0]}x{required[1]}x{required[2]}");
        if (entry.MaxThreads is { } most && block.Count > (long)most[0] * most[1] * most[2])
            throw RuntimeErrors.LaunchSize(entry.Name, $"the block has {block.Count} threads, the kernel allows {(long)most[0] * most[1] * most[2]}");
    }
}
