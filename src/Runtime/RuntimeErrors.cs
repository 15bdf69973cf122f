namespace MmKernels.Runtime;

/// <summary>Every error of this floor: MMK300 to MMK399.</summary>
internal static class RuntimeErrors
{
    public static MmkException OutOfMemory(string device, long bytes)
        => new(300, $"{device}: cannot allocate {bytes} bytes", "Free buffers, or choose a smaller model or context");

    public static MmkException BadSize(string device, string what, long bytes)
        => new(301, $"{device}: {what} of {bytes} bytes", "Sizes and offsets are zero or more");

    public static MmkException BufferFreed(string device) => new(302, $"{device}: the buffer has been freed", "Keep the buffer until the work that uses it is done");

    public static MmkException BufferOfOtherDevice(string device) => new(303, $"{device}: the buffer, module or kernel belongs to another device", "Use each with the device that made it");

    public static MmkException BufferRange(string device, long offset, long bytes, long size)
        => new(304, $"{device}: bytes {offset} to {offset + bytes} lie outside a buffer of {size} bytes", "Keep offset and size inside the buffer");

    public static MmkException NoEntry(string name, IEnumerable<string> entries)
        => new(305, $"the module has no entry `{name}`", $"Its entries: {string.Join(", ", entries)}");

    public static MmkException LaunchSize(string kernel, string what) 
        => new(306, $"launch of {kernel}: {what}", "Extents are 1 or more, a block has at most 1024 threads, and the kernel's .reqntid and .maxntid hold");

    public static MmkException SharedMemory(string kernel, long bytes, int most)
        => new(307, $"launch of {kernel}: {bytes} bytes of shared memory, the device has {most}", "Use smaller tiles");

    public static MmkException ParameterBytes(string kernel, int bytes, int expected)
        => new(308, $"launch of {kernel}: {bytes} bytes of parameters, the kernel takes {expected}", "Put every argument at its parameter's Offset, in the order of the entry, and make the block ParameterBytes long");

    public static MmkException DeviceClosed(string device) => new(309, $"{device}: the device has been closed", "Open the device again, and load its modules anew");

    public static MmkException Unsupported(string kernel, int line, string what)
        => new(310, $"kernel {kernel}, PTX line {line}: {what}", "No executor of the CPU runs it");

    public static MmkException Fault(string kernel, string what) => new(311, $"kernel {kernel}: {what}");

    public static MmkException UndefinedSymbol(string name, int line)
        => new(312, $"PTX line {line}: `{name}` is declared but not defined in this module", "Modules are not linked with each other");

    public static MmkException StillRunning(string kernel, TimeSpan limit)
        => new(313, $"kernel {kernel}: stopped after {limit.TotalSeconds} s, as the limit says", "Look for a loop that never ends, or raise the limit");

    public static MmkException FreedParameter(string kernel, string parameter, ulong address, long bytes)
        => new(314, $"launch of {kernel}: `{parameter}` is 0x{address:X}, which lies in a buffer of {bytes} bytes that has been freed", "Keep the buffer until the work that uses it is done");

    public static MmkException DivergentBarrier(string kernel, string what)
        => new(320, $"kernel {kernel}: {what}", "Every thread that has not ended must reach the same barrier");

    public static MmkException OutOfBounds(string kernel, string what) => new(321, $"kernel {kernel}: {what}", "Compare the index with the size of the buffer before the access");

    public static MmkException Misaligned(string kernel, string what) => new(322, $"kernel {kernel}: {what}", "An access needs an address that is a multiple of its size, vectors included");

    public static MmkException Uninitialised(string kernel, string what) => new(323, $"kernel {kernel}: {what}", "Write the value on every path before it is read");

    public static MmkException Race(string kernel, string what) => new(324, $"kernel {kernel}: {what}", "Put a barrier between the two accesses");

    public static MmkException BadCase(string folder, string what) => new(330, $"case {folder}: {what}");

    public static MmkException DamagedPack(string pack, string what)
        => new(331, $"the kernel pack {pack} cannot be used: {what}", "Make it again with `mmk pack`");

    public static MmkException StalePack(string pack, Guid made, Guid build)
        => new(332, $"the kernel pack {pack} was made by another build of the CPU device: {made}, this one is {build}", "Make it again with `mmk pack`");
}
