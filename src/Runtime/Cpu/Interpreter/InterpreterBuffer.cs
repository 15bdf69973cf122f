namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>Host memory of an <see cref="InterpreterDevice"/>.</summary>
internal sealed unsafe class InterpreterBuffer(InterpreterDevice device, void* memory, long bytes, bool owned) : DeviceBuffer
{
    private bool freed;

    public InterpreterDevice Device => device;

    public ulong Start => (ulong)memory;

    public override ulong Address => freed ? throw RuntimeErrors.BufferFreed(device.Name) : Start;

    public override long Bytes => bytes;

    public override void Dispose()
    {
        if (freed) return;
        freed = true;
        device.Forget(this);
        if (owned) Native.Free(memory);
    }
}
