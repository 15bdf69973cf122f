using System.Runtime.InteropServices;
using System.Text;

namespace MmKernels.Runtime.Cuda;

/// <summary>
/// The CUDA driver API, bound at run time: the library is opened by name and every function is resolved by <c>cuGetProcAddress_v2</c>
/// for CUDA 12.0, so that nothing links and a machine without a driver loses only this device.
/// Signatures and constants as in the driver API reference, "cuda.h" of CUDA 12.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>The API version that functions are asked for: the oldest driver that has all of them.</summary>
    private const int ApiVersion = 12000;

    private static readonly Lock Gate = new();
    private static CudaDriver? loaded;

    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion;
    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, int> PrimaryContextRetain;
    public readonly delegate* unmanaged<int, int> PrimaryContextRelease;
    public readonly delegate* unmanaged<nint, int> ContextSetCurrent;
    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate;
    public readonly delegate* unmanaged<nint, int> StreamDestroy;
    public readonly delegate* unmanaged<nint, int> StreamSynchronize;
    public readonly delegate* unmanaged<ulong*, nuint, int> MemAlloc;
    public readonly delegate* unmanaged<ulong, int> MemFree;
    public readonly delegate* unmanaged<nuint*, nuint*, int> MemGetInfo;
    public readonly delegate* unmanaged<ulong, void*, nuint, nint, int> CopyHostToDevice;
    public readonly delegate* unmanaged<void*, ulong, nuint, nint, int> CopyDeviceToHost;
    public readonly delegate* unmanaged<ulong, ulong, nuint, nint, int> CopyDeviceToDevice;
    public readonly delegate* unmanaged<ulong, byte, nuint, nint, int> FillBytes;
    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoadData;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<int*, int, nint, int> FunctionGetAttribute;
    public readonly delegate* unmanaged<nint, int, int, int> FunctionSetAttribute;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;
    public readonly delegate* unmanaged<nint*, int, int> GetDefaultMemoryPool;
    public readonly delegate* unmanaged<nint, int, void*, int> MemoryPoolSetAttribute;
    public readonly delegate* unmanaged<nint, nuint, int> MemoryPoolTrimTo;
    public readonly delegate* unmanaged<ulong*, nuint, nint, int> MemAllocAsync;
    public readonly delegate* unmanaged<ulong, nint, int> MemFreeAsync;
    public readonly delegate* unmanaged<nint*, uint, int> EventCreate;
    public readonly delegate* unmanaged<nint, int> EventDestroy;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord;
    public readonly delegate* unmanaged<nint, int> EventSynchronize;
    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;
    public readonly delegate* unmanaged<nint, int, int> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate;
    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch;
    public readonly delegate* unmanaged<nint, int> GraphDestroy;
    public readonly delegate* unmanaged<nint, int> GraphExecDestroy;
    private readonly delegate* unmanaged<int, byte**, int> getErrorName;
    private readonly delegate* unmanaged<int, byte**, int> getErrorString;

    private CudaDriver(nint library, string path)
    {
        Path = path;
        if (!NativeLibrary.TryGetExport(library, "cuGetProcAddress_v2", out nint export)) throw CudaErrors.DriverTooOld(path);
        var resolve = (delegate* unmanaged<byte*, void**, int, ulong, int*, int>)export;
        nint Function(string name)
        {
            void* address = null;
            int status = 0;
            fixed (byte* text = Encoding.ASCII.GetBytes(name + '\0'))
            {
                int result = resolve(text, &address, ApiVersion, 0, &status);
                if (result != 0 || address == null) throw CudaErrors.NoFunction(path, name, status);
            }
            return (nint)address;
        }

        getErrorName = (delegate* unmanaged<int, byte**, int>)Function("cuGetErrorName");
        getErrorString = (delegate* unmanaged<int, byte**, int>)Function("cuGetErrorString");
        Init = (delegate* unmanaged<uint, int>)Function("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)Function("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged<int*, int>)Function("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)Function("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute");
        PrimaryContextRetain = (delegate* unmanaged<nint*, int, int>)Function("cuDevicePrimaryCtxRetain");
        PrimaryContextRelease = (delegate* unmanaged<int, int>)Function("cuDevicePrimaryCtxRelease");
        ContextSetCurrent = (delegate* unmanaged<nint, int>)Function("cuCtxSetCurrent");
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)Function("cuStreamCreate");
        StreamDestroy = (delegate* unmanaged<nint, int>)Function("cuStreamDestroy");
        StreamSynchronize = (delegate* unmanaged<nint, int>)Function("cuStreamSynchronize");
        MemAlloc = (delegate* unmanaged<ulong*, nuint, int>)Function("cuMemAlloc");
        MemFree = (delegate* unmanaged<ulong, int>)Function("cuMemFree");
        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Function("cuMemGetInfo");
        CopyHostToDevice = (delegate* unmanaged<ulong, void*, nuint, nint, int>)Function("cuMemcpyHtoDAsync");
        CopyDeviceToHost = (delegate* unmanaged<void*, ulong, nuint, nint, int>)Function("cuMemcpyDtoHAsync");
        CopyDeviceToDevice = (delegate* unmanaged<ulong, ulong, nuint, nint, int>)Function("cuMemcpyDtoDAsync");
        FillBytes = (delegate* unmanaged<ulong, byte, nuint, nint, int>)Function("cuMemsetD8Async");
        ModuleLoadData = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)Function("cuModuleLoadDataEx");
        ModuleUnload = (delegate* unmanaged<nint, int>)Function("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Function("cuModuleGetFunction");
        FunctionGetAttribute = (delegate* unmanaged<int*, int, nint, int>)Function("cuFuncGetAttribute");
        FunctionSetAttribute = (delegate* unmanaged<nint, int, int, int>)Function("cuFuncSetAttribute");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Function("cuLaunchKernel");
        GetDefaultMemoryPool = (delegate* unmanaged<nint*, int, int>)Function("cuDeviceGetDefaultMemPool");
        MemoryPoolSetAttribute = (delegate* unmanaged<nint, int, void*, int>)Function("cuMemPoolSetAttribute");
        MemoryPoolTrimTo = (delegate* unmanaged<nint, nuint, int>)Function("cuMemPoolTrimTo");
        MemAllocAsync = (delegate* unmanaged<ulong*, nuint, nint, int>)Function("cuMemAllocAsync");
        MemFreeAsync = (delegate* unmanaged<ulong, nint, int>)Function("cuMemFreeAsync");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)Function("cuEventCreate");
        EventDestroy = (delegate* unmanaged<nint, int>)Function("cuEventDestroy");
        EventRecord = (delegate* unmanaged<nint, nint, int>)Function("cuEventRecord");
        EventSynchronize = (delegate* unmanaged<nint, int>)Function("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)Function("cuEventElapsedTime");
        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)Function("cuStreamBeginCapture");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)Function("cuStreamEndCapture");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)Function("cuGraphInstantiate");
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)Function("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, int>)Function("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, int>)Function("cuGraphExecDestroy");
        Check(Init(0), "starting the CUDA driver");
    }

    /// <summary>The library that was opened.</summary>
    public string Path { get; }

    /// <summary>For example 12.4.</summary>
    public string Version
    {
        get
        {
            int version;
            Check(DriverGetVersion(&version), "asking for the driver's version");
            return $"{version / 1000}.{version % 1000 / 10}";
        }
    }

    /// <summary>The driver of this machine, opened once per process. MMK_CUDA_DRIVER names another library than the usual ones.</summary>
    /// <exception cref="MmkException">No driver, or one that is too old.</exception>
    public static CudaDriver Load()
    {
        lock (Gate)
        {
            if (loaded is not null) return loaded;
            string[] names = Candidates();
            foreach (string name in names)
                if (NativeLibrary.TryLoad(name, out nint library)) return loaded = new CudaDriver(library, name);
            throw CudaErrors.NoDriver(names);
        }
    }

    /// <summary>Throws where a call did not return CUDA_SUCCESS.</summary>
    /// <param name="result">The call's CUresult.</param>
    /// <param name="doing">What was going on, as in "while {doing}".</param>
    public void Check(int result, string doing)
    {
        if (result != 0) throw CudaErrors.Failed(doing, result, Text(getErrorName, result), Text(getErrorString, result));
    }

    private static string[] Candidates()
    {
        string? named = Environment.GetEnvironmentVariable("MMK_CUDA_DRIVER");
        if (!string.IsNullOrEmpty(named)) return [named];
        return OperatingSystem.IsWindows()
            ? ["nvcuda.dll"]
            : ["libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"];
    }

    private static string Text(delegate* unmanaged<int, byte**, int> lookUp, int result)
    {
        byte* text = null;
        return lookUp(result, &text) == 0 && text != null ? Marshal.PtrToStringUTF8((nint)text)! : "unknown";
    }
}
