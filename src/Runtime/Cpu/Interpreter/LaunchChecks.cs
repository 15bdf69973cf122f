using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Sizes that an entry can take.</summary>
internal static class LaunchChecks
{
    /// <summary>Looks for addresses of freed buffers among the parameters of 64 bits, those inside structs included.</summary>
    /// <exception cref="MmkException">MMK314: the parameter and the address.</exception>
    public static void CheckFreed(string kernel, IReadOnlyList<KernelParameter> parameters, ReadOnlySpan<byte> block, MemoryMap map)
    {
        if (!map.AnyFreed) return;
        for (int i = 0; i < parameters.Count; i++)
        {
            KernelParameter parameter = parameters[i];
            for (int at = 0; parameter.Align >= 8 && at + 8 <= parameter.Bytes; at += 8)
            {
                ulong value = BitConverter.ToUInt64(block[(parameter.Offset + at)..]);
                if (map.WasFreed(value, out long bytes)) throw RuntimeErrors.FreedParameter(kernel, parameter.Name, value, bytes);
            }
        }
    }

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
