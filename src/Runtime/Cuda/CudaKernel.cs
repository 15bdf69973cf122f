using MmKernels.Ptx;

namespace MmKernels.Runtime.Cuda;

/// <summary>An entry that the driver has assembled.</summary>
internal sealed unsafe class CudaKernel : DeviceKernel
{
    // CUfunction_attribute
    private const int SharedSizeBytes = 1, MaxDynamicSharedSizeBytes = 8;

    /// <summary>Dynamic shared memory that needs no permission.</summary>
    private const int FreeDynamicSharedBytes = 48 * 1024;

    private readonly CudaDevice device;
    private int allowedDynamicShared = FreeDynamicSharedBytes;

    public CudaKernel(CudaDevice device, nint handle, PtxFunction entry)
    {
        this.device = device;
        Handle = handle;
        Name = entry.Name;
        (Parameters, ParameterBytes) = ParameterLayout.Of(entry);
        int shared;
        device.Driver.Check(device.Driver.FunctionGetAttribute(&shared, SharedSizeBytes, handle), $"asking for the shared memory of {Name}");
        StaticSharedBytes = shared;
    }

    public nint Handle { get; }

    public override string Name { get; }

    public override IReadOnlyList<KernelParameter> Parameters { get; }

    public override int ParameterBytes { get; }

    public override int StaticSharedBytes { get; }

    public override string ExecutedBy => device.Description;

    public CudaDevice Device => device;

    /// <summary>Allows this much dynamic shared memory, beyond 48 KB too.</summary>
    public void AllowDynamicShared(int bytes)
    {
        if (bytes <= allowedDynamicShared) return;
        device.Driver.Check(device.Driver.FunctionSetAttribute(Handle, MaxDynamicSharedSizeBytes, bytes), $"allowing {bytes} bytes of shared memory for {Name}");
        allowedDynamicShared = bytes;
    }
}
