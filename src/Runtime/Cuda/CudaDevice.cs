using System.Runtime.CompilerServices;
using System.Text;

namespace MmKernels.Runtime.Cuda;

/// <summary>
/// A GPU through the driver API: the primary context (shared with other CUDA users of the process), one non-blocking stream,
/// on which launches and copies are ordered.
/// </summary>
public sealed unsafe class CudaDevice : Device
{
    // CUdevice_attribute
    private const int MultiprocessorCount = 16, CapabilityMajor = 75, CapabilityMinor = 76, MaxSharedBytesOptIn = 97, MemoryPools = 115;

    // CUmemPool_attribute
    private const int ReleaseThreshold = 4;

    // Entries of cuLaunchKernel's `extra`
    private const nint ParameterBufferPointer = 1, ParameterBufferSize = 2;

    private readonly int handle;
    private readonly nint context;
    private readonly nint stream;

    /// <summary>The device's default pool, or 0 where it has none and memory comes from cuMemAlloc.</summary>
    private readonly nint pool;

    private string lastKernel = "";
    private bool disposed;

    /// <summary>Opens a GPU by its number.</summary>
    /// <exception cref="MmkException">No driver, no such GPU, or one that is too old.</exception>
    public CudaDevice(int ordinal)
    {
        Driver = CudaDriver.Load();
        int count, device;
        Driver.Check(Driver.DeviceGetCount(&count), "counting GPUs");
        if (ordinal < 0 || ordinal >= count) throw CudaErrors.NoDevice(ordinal, count);
        Driver.Check(Driver.DeviceGet(&device, ordinal), $"opening cuda:{ordinal}");
        handle = device;
        Name = $"cuda:{ordinal}";

        byte* name = stackalloc byte[256];
        Driver.Check(Driver.DeviceGetName(name, 255, handle), $"asking for the name of {Name}");
        string model = Encoding.UTF8.GetString(name, new ReadOnlySpan<byte>(name, 256).IndexOf((byte)0));
        int sm = Attribute(CapabilityMajor) * 10 + Attribute(CapabilityMinor);
        if (sm < 80) throw CudaErrors.TooOldGpu(model, sm);
        Description = $"{model}, sm_{sm}, CUDA {Driver.Version}";
        Capabilities = new DeviceCapabilities(sm, Attribute(MultiprocessorCount), Attribute(MaxSharedBytesOptIn), HostMemory: false, TensorCores: true);

        nint retained, created;
        Driver.Check(Driver.PrimaryContextRetain(&retained, handle), $"opening the context of {Name}");
        context = retained;
        MakeCurrent();
        Driver.Check(Driver.StreamCreate(&created, 1), $"making a stream on {Name}");
        stream = created;
        if (Attribute(MemoryPools) != 0) pool = OpenPool();
    }

    /// <summary>How many GPUs the driver sees; 0 without a driver.</summary>
    public static int Count
    {
        get
        {
            try
            {
                CudaDriver driver = CudaDriver.Load();
                int count;
                return driver.DeviceGetCount(&count) == 0 ? count : 0;
            }
            catch (MmkException)
            {
                return 0;
            }
        }
    }

    public override string Name { get; }

    public override string Description { get; }

    public override DeviceCapabilities Capabilities { get; }

    internal CudaDriver Driver { get; }

    public override DeviceBuffer Allocate(long bytes)
    {
        MakeCurrent();
        ulong address;
        nuint size = (nuint)Math.Max(1, bytes);
        int result = pool != 0 ? Driver.MemAllocAsync(&address, size, stream) : Driver.MemAlloc(&address, size);
        if (CudaErrors.IsOutOfMemory(result))
        {
            nuint free = 0, total = 0;
            Driver.MemGetInfo(&free, &total);
            throw CudaErrors.OutOfMemory(Name, bytes, free, total);
        }
        Driver.Check(result, $"allocating {bytes} bytes on {Name}");
        return new CudaBuffer(this, address, bytes);
    }

    public override DeviceBuffer Wrap(nint host, long bytes)
    {
        DeviceBuffer buffer = Allocate(bytes);
        Driver.Check(Driver.CopyHostToDevice(buffer.Address, (void*)host, (nuint)bytes, stream), $"copying {bytes} bytes to {Name}");
        Synchronize();
        return buffer;
    }

    public override void Write(DeviceBuffer destination, long offset, ReadOnlySpan<byte> source)
    {
        MakeCurrent();
        ulong address = Own(destination).Part(offset, source.Length);
        // Pageable memory is staged by the driver before the call returns, so the caller may reuse its span.
        fixed (byte* host = source)
            Driver.Check(Driver.CopyHostToDevice(address, host, (nuint)source.Length, stream), $"copying {source.Length} bytes to {Name}");
    }

    public override void Read(DeviceBuffer source, long offset, Span<byte> destination)
    {
        MakeCurrent();
        ulong address = Own(source).Part(offset, destination.Length);
        fixed (byte* host = destination)
        {
            Driver.Check(Driver.CopyDeviceToHost(host, address, (nuint)destination.Length, stream), $"copying {destination.Length} bytes from {Name}");
            Synchronize();
        }
    }

    public override void Copy(DeviceBuffer source, long sourceOffset, DeviceBuffer destination, long destinationOffset, long bytes)
    {
        MakeCurrent();
        Driver.Check(Driver.CopyDeviceToDevice(Own(destination).Part(destinationOffset, bytes), Own(source).Part(sourceOffset, bytes), (nuint)bytes, stream),
            $"copying {bytes} bytes on {Name}");
    }

    public override void Fill(DeviceBuffer destination, long offset, long bytes, byte value)
    {
        MakeCurrent();
        Driver.Check(Driver.FillBytes(Own(destination).Part(offset, bytes), value, (nuint)bytes, stream), $"filling {bytes} bytes on {Name}");
    }

    public override DeviceModule Load(string ptx)
    {
        MakeCurrent();
        return new CudaModule(this, ptx);
    }

    public override void Launch(DeviceKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters)
    {
        var cuda = (CudaKernel)kernel;
        if (parameters.Length != cuda.ParameterBytes) throw CudaErrors.WrongParameterBlock(cuda.Name, parameters.Length, cuda.ParameterBytes);
        long shared = (long)cuda.StaticSharedBytes + dynamicSharedBytes;
        if (dynamicSharedBytes < 0 || shared > Capabilities.MaxSharedBytes) throw CudaErrors.TooMuchShared(cuda.Name, shared, Capabilities.MaxSharedBytes);
        MakeCurrent();
        cuda.AllowDynamicShared(dynamicSharedBytes);
        lastKernel = cuda.Name;
        nuint size = (nuint)parameters.Length;
        fixed (byte* parameterBlock = parameters)
        {
            void** extra = stackalloc void*[] { (void*)ParameterBufferPointer, parameterBlock, (void*)ParameterBufferSize, &size, null };
            int result = Driver.LaunchKernel(cuda.Handle, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, (uint)block.Z,
                (uint)dynamicSharedBytes, stream, null, extra);
            if (result != 0) Driver.Check(result, $"launching {cuda.Name} with a grid of {grid} and groups of {block}");
        }
    }

    /// <summary>Waits for the stream. A fault of a kernel shows here; it names the kernel that was launched last.</summary>
    public override void Synchronize()
    {
        MakeCurrent();
        int result = Driver.StreamSynchronize(stream);
        if (result != 0) Driver.Check(result, lastKernel.Length == 0 ? $"waiting for {Name}" : $"waiting for {Name}, whose last launch was {lastKernel}");
    }

    /// <summary>A CUDA graph of the launches.</summary>
    public override DeviceGraph Capture(Action issue)
    {
        MakeCurrent();
        return CudaGraph.Capture(this, stream, issue);
    }

    /// <summary>Measured on the device, by events around the work.</summary>
    public override double Time(Action issue)
    {
        MakeCurrent();
        nint start = 0, end = 0;
        float milliseconds;
        try
        {
            Driver.Check(Driver.EventCreate(&start, 0), $"making an event on {Name}");
            Driver.Check(Driver.EventCreate(&end, 0), $"making an event on {Name}");
            Driver.Check(Driver.EventRecord(start, stream), $"recording an event on {Name}");
            issue();
            Driver.Check(Driver.EventRecord(end, stream), $"recording an event on {Name}");
            Driver.Check(Driver.EventSynchronize(end), $"waiting for {Name}, whose last launch was {lastKernel}");
            Driver.Check(Driver.EventElapsedTime(&milliseconds, start, end), $"timing work on {Name}");
        }
        finally
        {
            if (start != 0) Driver.EventDestroy(start);
            if (end != 0) Driver.EventDestroy(end);
        }
        return milliseconds;
    }

    public override void Dispose()
    {
        if (disposed) return;
        Driver.ContextSetCurrent(context);
        Driver.StreamSynchronize(stream);
        if (pool != 0) Driver.MemoryPoolTrimTo(pool, 0);
        Driver.StreamDestroy(stream);
        Driver.PrimaryContextRelease(handle);
        disposed = true;
    }

    internal void Free(ulong address)
    {
        if (disposed) return;   // the context took its memory along
        Driver.ContextSetCurrent(context);
        if (pool != 0)
        {
            Driver.MemFreeAsync(address, stream);   // after the work issued so far
            return;
        }
        Driver.StreamSynchronize(stream);
        Driver.MemFree(address);
    }

    internal void LaunchGraph(nint executable)
    {
        MakeCurrent();
        Driver.Check(Driver.GraphLaunch(executable, stream), $"launching a graph on {Name}");
    }

    internal void DestroyGraph(nint executable)
    {
        if (disposed) return;
        Driver.ContextSetCurrent(context);
        Driver.GraphExecDestroy(executable);
    }

    internal void Unload(nint module)
    {
        if (disposed) return;
        Driver.ContextSetCurrent(context);
        Driver.ModuleUnload(module);
    }

    /// <summary>Opens the default pool and tells it to keep freed memory: giving it back at every synchronisation costs milliseconds.</summary>
    private nint OpenPool()
    {
        nint opened;
        ulong keepAll = ulong.MaxValue;
        Driver.Check(Driver.GetDefaultMemoryPool(&opened, handle), $"opening the memory pool of {Name}");
        Driver.Check(Driver.MemoryPoolSetAttribute(opened, ReleaseThreshold, &keepAll), $"setting up the memory pool of {Name}");
        return opened;
    }

    private static CudaBuffer Own(DeviceBuffer buffer) => (CudaBuffer)buffer;

    private int Attribute(int attribute)
    {
        int value;
        Driver.Check(Driver.DeviceGetAttribute(&value, attribute, handle), $"asking for attribute {attribute} of {Name}");
        return value;
    }

    /// <summary>Threads start without a context; the driver makes setting the same one again cheap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MakeCurrent()
    {
        if (disposed) throw CudaErrors.Freed(Name);
        int result = Driver.ContextSetCurrent(context);
        if (result != 0) Driver.Check(result, $"entering the context of {Name}");
    }
}
