namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Host memory of an <see cref="InterpreterDevice"/>.</summary>
internal sealed unsafe class InterpreterBuffer(InterpreterDevice device, void* memory, long bytes, void* owned) : DeviceBuffer
{
    private bool freed;

    public InterpreterDevice Device => device;

    public ulong Start => (ulong)memory;

    /// <summary>Under the sanitizer: the bits of each byte that have no value.</summary>
    public byte[]? Shadow { get; set; }

    public override ulong Address => freed ? throw RuntimeErrors.BufferFreed(device.Name) : Start;

    public override long Bytes => bytes;

    public override void Dispose()
    {
        if (freed) return;
        freed = true;
        device.Forget(this);
        Native.Free(owned);
    }
}
