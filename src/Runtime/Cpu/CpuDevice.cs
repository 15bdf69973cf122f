using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.AheadOfTime;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>
/// The device <c>cpu</c>: PTX compiled to SIMD code of this processor at the first launch, run by a pool of threads.
/// Launches are done when <see cref="Launch"/> returns.
/// </summary>
public sealed unsafe class CpuDevice : Device
{
    private const int MaxThreadsPerBlock = 1024, MaxShared = 227 * 1024;
    private readonly WorkerPool pool;
    private readonly TimeSpan? limit;
    private bool closed;

    /// <exception cref="MmkException">MMK306: options that no processor has.</exception>
    public CpuDevice(CpuOptions? options = null)
    {
        options ??= new CpuOptions();
        if (options.Threads < 0 || options.Threads > 1024) throw RuntimeErrors.LaunchSize(Name, $"{options.Threads} worker threads");
        if (options.Lanes is not (0 or 4 or 8 or 16)) throw RuntimeErrors.LaunchSize(Name, $"{options.Lanes} lanes; vectors have 4, 8 or 16");
        Lanes = options.Lanes == 0 ? Processor.BestLanes : options.Lanes;
        Code = options.Code;
        if (options.LaunchLimit is { } time && (time <= TimeSpan.Zero || time.TotalMilliseconds > int.MaxValue)) throw RuntimeErrors.LaunchSize(Name, $"a limit of {time.TotalSeconds} s for a launch");
        (Checked, limit) = (options.Checked, options.LaunchLimit);
        pool = new WorkerPool(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, limit);
        Capabilities = new DeviceCapabilities(SmVersion: 90, pool.Count, MaxShared, HostMemory: true, TensorCores: false, HostAlignment: 1, LargeCaches: true);
    }

    public override string Name => "cpu";

    public override string Description => $"{pool.Count} threads, {Lanes * 32}-bit vectors, PTX compiled to SIMD code";

    public override DeviceCapabilities Capabilities { get; }

    /// <summary>32-bit lanes of the vectors in use.</summary>
    public int Lanes { get; }

    internal IReadOnlyList<CpuCode> Code { get; }

    internal bool Checked { get; }

    internal bool HasLimit => limit is not null;

    /// <summary>The buffers and variables that kernels may touch.</summary>
    internal MemoryMap Map { get; } = new();

    public override DeviceBuffer Allocate(long bytes)
    {
        CheckOpen();
        return new CpuBuffer(this, bytes);
    }

    public override DeviceBuffer Wrap(nint host, long bytes)
    {
        CheckOpen();
        return new CpuBuffer(this, (byte*)host, bytes);
    }

    public override void Write(DeviceBuffer destination, long offset, ReadOnlySpan<byte> source)
        => source.CopyTo(new Span<byte>(Range(destination, offset, source.Length), source.Length));

    public override void Read(DeviceBuffer source, long offset, Span<byte> destination)
        => new ReadOnlySpan<byte>(Range(source, offset, destination.Length), destination.Length).CopyTo(destination);

    public override void Copy(DeviceBuffer source, long sourceOffset, DeviceBuffer destination, long destinationOffset, long bytes)
        => Buffer.MemoryCopy(Range(source, sourceOffset, bytes), Range(destination, destinationOffset, bytes), bytes, bytes);

    public override void Fill(DeviceBuffer destination, long offset, long bytes, byte value)
    {
        byte* start = Range(destination, offset, bytes);
        for (long done = 0; done < bytes; done += int.MaxValue) new Span<byte>(start + done, (int)Math.Min(bytes - done, int.MaxValue)).Fill(value);
    }

    public override DeviceModule Load(string ptx)
    {
        CheckOpen();
        PtxModule module = PtxText.Parse(ptx);
        PtxVerifier.Verify(module);
        return new CpuModule(this, module, Code.Count == 0 ? "" : CpuCodeKey.Hash(ptx));
    }

    public override void Launch(DeviceKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters)
    {
        CheckOpen();
        if (kernel is not CpuKernel known || known.Module.Device != this) throw RuntimeErrors.BufferOfOtherDevice(Name);
        known.Module.Open();
        LaunchChecks.Check(known.Entry, grid, block, MaxThreadsPerBlock);
        if (dynamicSharedBytes < 0) throw RuntimeErrors.BadSize(Name, "dynamic shared memory", dynamicSharedBytes);
        if (parameters.Length != known.ParameterBytes) throw RuntimeErrors.ParameterBytes(known.Name, parameters.Length, known.ParameterBytes);
        long shared = dynamicSharedBytes == 0 ? known.StaticSharedBytes : (long)known.Layout.DynamicOffset + dynamicSharedBytes;
        if (shared > MaxShared) throw RuntimeErrors.SharedMemory(known.Name, shared, MaxShared);
        LaunchChecks.CheckFreed(known.Name, known.Parameters, parameters, Map);
        CompiledKernel? compiled = known.Compiled(LaunchForm.Of(block, Lanes));
        fixed (byte* start = parameters)
        {
            if (compiled is null)
            {
                new Launch(known.Interpreted(), grid, block, dynamicSharedBytes, start, sanitizer: null, long.MaxValue) { Limit = limit }.Run();
                return;
            }
            var request = new LaunchRequest
            {
                Grid = grid,
                Block = block,
                SharedBytes = (int)shared,
                DynamicSharedBytes = dynamicSharedBytes,
                Parameters = start,
                ParameterBytes = parameters.Length,
                Map = Map,
                Globals = known.Module.Memory.Start,
            };
            FaultPlace fault = pool.Run(compiled, request);
            if (fault.Kind != KernelFault.None) throw Fault(known, fault, request);
        }
    }

    public override void Synchronize() => CheckOpen();

    public override void Dispose()
    {
        if (closed) return;
        closed = true;
        pool.Dispose();
    }

    private MmkException Fault(CpuKernel kernel, FaultPlace fault, LaunchRequest request) => fault.Kind switch
    {
        KernelFault.Trap => RuntimeErrors.Fault(kernel.Name, $"PTX line {fault.Line}: {kernel.TrapAt(fault.Line)}"),
        KernelFault.DivergentBarrier => RuntimeErrors.DivergentBarrier(kernel.Name, $"PTX line {fault.Line}: threads of one warp wait at different barriers"),
        KernelFault.OutOfBounds => RuntimeErrors.OutOfBounds(kernel.Name, $"PTX line {fault.Line}: {kernel.AccessAt(fault.Line)}{fault.Bytes} bytes out of bounds: {Describe(kernel, fault, request)}"),
        KernelFault.StillRunning => RuntimeErrors.StillRunning(kernel.Name, limit!.Value),
        _ => RuntimeErrors.Fault(kernel.Name, $"PTX line {fault.Line}: the address comes from a 32-bit index that wraps around between neighbouring threads; compute it in 64 bits"),
    };

    private string Describe(CpuKernel kernel, FaultPlace fault, LaunchRequest request) => fault.Space switch
    {
        PtxSpace.Shared => $"shared memory has {request.SharedBytes} bytes, the access goes to byte {(long)fault.Address}",
        PtxSpace.Local => $"local memory has {kernel.Layout.LocalBytes} bytes per thread, the access goes beyond it",
        PtxSpace.Param => $"the parameters have {request.ParameterBytes} bytes",
        _ => $"address 0x{fault.Address:X} is {Map.Describe(fault.Address, start => ParameterAt(kernel, request, start))}",
    };

    /// <summary>The name of the parameter that holds an address in the range that starts there.</summary>
    private string? ParameterAt(CpuKernel kernel, LaunchRequest request, ulong start)
    {
        foreach (KernelParameter parameter in kernel.Parameters)
            for (int at = 0; at + 8 <= parameter.Bytes; at += 8)
                if (*(ulong*)(request.Parameters + parameter.Offset + at) is var value && value >= start && Map.TryFind(value, out ulong found, out _) && found == start) return $"`{parameter.Name}`";
        return null;
    }

    private void CheckOpen()
    {
        if (closed) throw RuntimeErrors.DeviceClosed(Name);
    }

    private byte* Range(DeviceBuffer buffer, long offset, long bytes)
    {
        CheckOpen();
        if (buffer is not CpuBuffer known || known.Device != this) throw RuntimeErrors.BufferOfOtherDevice(Name);
        byte* memory = known.Memory;
        if (offset < 0 || bytes < 0 || offset > known.Bytes - bytes) throw RuntimeErrors.BufferRange(Name, offset, bytes, known.Bytes);
        return memory + offset;
    }
}
