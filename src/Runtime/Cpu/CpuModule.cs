using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Runtime.Cpu;

/// <summary>A module with its variables in memory.</summary>
internal sealed unsafe class CpuModule : DeviceModule
{
    private readonly Dictionary<string, CpuKernel> kernels = [];
    private readonly ModuleMemory memory;
    private bool closed;

    /// <param name="hash">Of the text, for finding code that was made ahead of time.</param>
    public CpuModule(CpuDevice device, PtxModule module, string hash)
    {
        (Device, Ptx, Hash) = (device, module, hash);
        memory = new ModuleMemory(module, device.Map);
        foreach (PtxFunction function in module.Functions)
            if (function is { IsEntry: true, HasBody: true }) kernels[function.Name] = new CpuKernel(this, function);
    }

    public CpuDevice Device { get; }

    public PtxModule Ptx { get; }

    public string Hash { get; }

    public ModuleMemory Memory => memory;

    public override DeviceKernel GetKernel(string entry)
    {
        Open();
        return kernels.TryGetValue(entry, out CpuKernel? kernel) ? kernel : throw RuntimeErrors.NoEntry(entry, kernels.Keys);
    }

    public void Open()
    {
        if (closed) throw RuntimeErrors.DeviceClosed($"{Device.Name} module");
    }

    public override void Dispose()
    {
        if (closed) return;
        closed = true;
        foreach (CpuKernel kernel in kernels.Values) kernel.Release();
        memory.Dispose();
    }
}
