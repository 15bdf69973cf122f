using System.Text;
using MmKernels.Ptx;

namespace MmKernels.Runtime.Cuda;

/// <summary>PTX that the driver has assembled.</summary>
internal sealed unsafe class CudaModule : DeviceModule
{
    private const int LogBytes = 16 * 1024;

    // CUjit_option
    private const int InfoLogBuffer = 3, InfoLogBufferSize = 4, ErrorLogBuffer = 5, ErrorLogBufferSize = 6, LogVerbose = 12;

    private readonly CudaDevice device;
    private readonly PtxModule text;
    private nint handle;

    public CudaModule(CudaDevice device, string ptx)
    {
        this.device = device;
        text = PtxText.Parse(ptx);
        var info = new byte[LogBytes];
        var error = new byte[LogBytes];
        nint module;
        fixed (byte* source = Encoding.UTF8.GetBytes(ptx + '\0'), infoLog = info, errorLog = error)
        {
            int* options = stackalloc int[] { InfoLogBuffer, InfoLogBufferSize, ErrorLogBuffer, ErrorLogBufferSize, LogVerbose };
            void** values = stackalloc void*[] { infoLog, (void*)LogBytes, errorLog, (void*)LogBytes, (void*)1 };
            if (device.Driver.ModuleLoadData(&module, source, 5, options, values) != 0) throw CudaErrors.BadPtx(device.Name, Log(error));
        }
        handle = module;
        AssemblerLog = Log(info);
    }

    /// <summary>What the driver's assembler said: registers, spills, warnings.</summary>
    public string AssemblerLog { get; }

    public override DeviceKernel GetKernel(string entry)
    {
        if (handle == 0) throw CudaErrors.Freed("a PTX module");
        PtxFunction? function = text.Functions.Find(candidate => candidate.IsEntry && candidate.Name == entry);
        if (function is null) throw CudaErrors.NoEntry(entry, text.Functions.Where(candidate => candidate.IsEntry).Select(candidate => candidate.Name));
        nint kernel;
        fixed (byte* name = Encoding.ASCII.GetBytes(entry + '\0'))
            device.Driver.Check(device.Driver.ModuleGetFunction(&kernel, handle, name), $"looking up the entry {entry}");
        return new CudaKernel(device, kernel, function);
    }

    public override void Dispose()
    {
        if (handle == 0) return;
        device.Unload(handle);
        handle = 0;
    }

    private static string Log(byte[] buffer)
    {
        int end = Array.IndexOf(buffer, (byte)0);
        return Encoding.UTF8.GetString(buffer, 0, end < 0 ? buffer.Length : end);
    }
}
