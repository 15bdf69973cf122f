using System.Runtime.InteropServices;

namespace MmKernels.Runtime.Cpu;

/// <summary>Host memory as device memory: allocated, or somebody else's that outlives the device.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    private const int Align = 256;
    private readonly CpuDevice device;
    private readonly bool owned;
    private byte* memory;

    public CpuBuffer(CpuDevice device, long bytes)
    {
        if (bytes < 0) throw RuntimeErrors.BadSize(device.Name, "an allocation", bytes);
        try { memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Align); }
        catch (OutOfMemoryException) { throw RuntimeErrors.OutOfMemory(device.Name, bytes); }
        (this.device, Bytes, owned) = (device, bytes, true);
        device.Map.Add((ulong)memory, bytes, $"a buffer of {bytes} bytes");
    }

    public CpuBuffer(CpuDevice device, byte* host, long bytes)
    {
        if (bytes < 0) throw RuntimeErrors.BadSize(device.Name, "wrapped memory", bytes);
        (this.device, Bytes) = (device, bytes);
        memory = host;
        device.Map.Add((ulong)host, bytes, $"wrapped memory of {bytes} bytes");
    }

    public CpuDevice Device => device;

    public override ulong Address => (ulong)Memory;

    public override long Bytes { get; }

    public byte* Memory => memory == null ? throw RuntimeErrors.BufferFreed(device.Name) : memory;

    public override void Dispose()
    {
        if (memory == null) return;
        device.Map.Remove((ulong)memory);
        if (owned) NativeMemory.AlignedFree(memory);
        memory = null;
    }
}
