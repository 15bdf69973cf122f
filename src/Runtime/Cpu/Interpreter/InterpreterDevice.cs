using System.Runtime.InteropServices;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>
/// Runs PTX lane by lane on one thread, with every access checked for bounds and alignment. The oracle that other executors are
/// compared with; slow, exact and deterministic: blocks run one after the other, x fastest.
/// </summary>
public sealed unsafe class InterpreterDevice : Device
{
    private const int MaxSharedBytes = 232448;
    private const int MaxThreads = 1024;
    private const int RedZone = 65536;

    private readonly InterpreterOptions options;
    private readonly MemoryMap map = new();
    private readonly List<InterpreterBuffer> buffers = [];
    private readonly List<InterpreterModule> modules = [];
    private bool closed;

    public InterpreterDevice(InterpreterOptions? options = null) => this.options = options ?? new InterpreterOptions();

    public override string Name => "interpreter";

    public override string Description => options.Sanitize ? "scalar PTX interpreter with sanitizer" : "scalar PTX interpreter";

    public override DeviceCapabilities Capabilities { get; } = new(90, 1, MaxSharedBytes, HostMemory: true, TensorCores: false);

    public override DeviceBuffer Allocate(long bytes)
    {
        Open();
        if (bytes < 0) throw RuntimeErrors.BadSize(Name, "a buffer", bytes);
        // Under the sanitizer buffers lie far apart, and what nobody wrote has no value.
        bool watched = options.Sanitize && bytes <= Array.MaxLength;
        int margin = options.Sanitize ? RedZone : 0;
        var memory = (byte*)Native.Allocate(bytes + 2L * margin, 256);
        var buffer = new InterpreterBuffer(this, memory + margin, bytes, memory);
        if (watched)
        {
            buffer.Shadow = new byte[bytes];
            Array.Fill(buffer.Shadow, (byte)0xFF);
        }
        return Track(buffer);
    }

    public override DeviceBuffer Wrap(nint host, long bytes)
    {
        Open();
        if (bytes < 0) throw RuntimeErrors.BadSize(Name, "host memory", bytes);
        return Track(new InterpreterBuffer(this, (void*)host, bytes, null));
    }

    public override void Write(DeviceBuffer destination, long offset, ReadOnlySpan<byte> source)
    {
        byte* to = Range(destination, offset, source.Length);
        source.CopyTo(new Span<byte>(to, source.Length));
        Define(destination, offset, source.Length);
    }

    public override void Read(DeviceBuffer source, long offset, Span<byte> destination)
    {
        byte* from = Range(source, offset, destination.Length);
        new ReadOnlySpan<byte>(from, destination.Length).CopyTo(destination);
    }

    public override void Copy(DeviceBuffer source, long sourceOffset, DeviceBuffer destination, long destinationOffset, long bytes)
    {
        byte* from = Range(source, sourceOffset, bytes), to = Range(destination, destinationOffset, bytes);
        Buffer.MemoryCopy(from, to, bytes, bytes);
        Define(destination, destinationOffset, bytes);
    }

    public override void Fill(DeviceBuffer destination, long offset, long bytes, byte value)
    {
        NativeMemory.Fill(Range(destination, offset, bytes), (nuint)bytes, value);
        Define(destination, offset, bytes);
    }

    public override DeviceModule Load(string ptx)
    {
        Open();
        PtxModule module = PtxText.Parse(ptx);
        PtxVerifier.Verify(module);
        var loaded = new InterpreterModule(this, module, map);
        modules.Add(loaded);
        return loaded;
    }

    public override void Launch(DeviceKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters)
    {
        Open();
        if (kernel is not InterpreterKernel own || own.Module.Device != this) throw RuntimeErrors.BufferOfOtherDevice(Name);
        own.Module.Open();
        LaunchChecks.Check(own.Program.EntryFunction, grid, block, MaxThreads);
        if (dynamicSharedBytes < 0) throw RuntimeErrors.BadSize(Name, "dynamic shared memory", dynamicSharedBytes);
        if (parameters.Length != own.ParameterBytes) throw RuntimeErrors.ParameterBytes(own.Name, parameters.Length, own.ParameterBytes);
        LaunchChecks.CheckFreed(own.Name, own.Parameters, parameters, map);
        long shared = dynamicSharedBytes == 0 ? own.StaticSharedBytes : (long)own.Program.DynamicSharedOffset + dynamicSharedBytes;
        if (shared > MaxSharedBytes) throw RuntimeErrors.SharedMemory(own.Name, shared, MaxSharedBytes);
        var copy = (byte*)Native.Allocate(Math.Max(8, parameters.Length));
        try
        {
            parameters.CopyTo(new Span<byte>(copy, parameters.Length));
            var launch = new Launch(own.Program, grid, block, dynamicSharedBytes, copy, options.Sanitize ? new Sanitizer(map) : null, options.InstructionLimit);
            launch.Run();
        }
        finally { Native.Free(copy); }
    }

    public override void Synchronize() => Open();

    public override void Dispose()
    {
        if (closed) return;
        foreach (InterpreterModule module in modules.ToArray()) module.Dispose();
        foreach (InterpreterBuffer buffer in buffers.ToArray()) buffer.Dispose();
        closed = true;
    }

    internal void Forget(InterpreterBuffer buffer)
    {
        buffers.Remove(buffer);
        map.Remove(buffer.Start);
    }

    internal void Forget(InterpreterModule module) => modules.Remove(module);

    private InterpreterBuffer Track(InterpreterBuffer buffer)
    {
        buffers.Add(buffer);
        map.Add(buffer.Start, buffer.Bytes, $"a buffer of {buffer.Bytes} bytes", buffer.Shadow);
        return buffer;
    }

    /// <summary>Bytes that the host wrote have values.</summary>
    private static void Define(DeviceBuffer buffer, long offset, long bytes) => ((InterpreterBuffer)buffer).Shadow?.AsSpan((int)offset, (int)bytes).Clear();

    private byte* Range(DeviceBuffer buffer, long offset, long bytes)
    {
        Open();
        if (buffer is not InterpreterBuffer own || own.Device != this) throw RuntimeErrors.BufferOfOtherDevice(Name);
        if (offset < 0 || bytes < 0 || offset > own.Bytes - bytes) throw RuntimeErrors.BufferRange(Name, offset, bytes, own.Bytes);
        return (byte*)own.Address + offset;
    }

    private void Open()
    {
        if (closed) throw RuntimeErrors.DeviceClosed(Name);
    }
}

/// <summary>How the interpreter runs.</summary>
/// <param name="Sanitize">Report uninitialised reads, races in shared memory and lanes that miss a warp-wide instruction, each as an error.</param>
/// <param name="InstructionLimit">Warp instructions after which a launch is stopped with an error.</param>
public sealed record InterpreterOptions(bool Sanitize = false, long InstructionLimit = long.MaxValue);
