using System.Runtime.InteropServices;
using MmKernels.Ptx;
using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>A module with its variables in memory.</summary>
internal sealed unsafe class CpuModule : DeviceModule
{
    private readonly Dictionary<string, CpuKernel> kernels = [];
    private byte* globals;

    public CpuModule(CpuDevice device, PtxModule module)
    {
        Device = device;
        Layout = new ModuleLayout(module);
        foreach (PtxFunction function in module.Functions)
            if (function is { IsEntry: true, HasBody: true }) kernels[function.Name] = new CpuKernel(this, function);
        globals = (byte*)NativeMemory.AlignedAlloc((nuint)Layout.GlobalBytes + 64, 256);
        NativeMemory.Clear(globals, (nuint)Layout.GlobalBytes + 64);
        foreach (PtxVariable variable in module.Variables) Initialize(module, variable);
    }

    public CpuDevice Device { get; }

    public ModuleLayout Layout { get; }

    public byte* Globals => globals;

    public override DeviceKernel GetKernel(string entry)
        => kernels.TryGetValue(entry, out CpuKernel? kernel) ? kernel : throw RuntimeErrors.NoEntry(entry, kernels.Keys);

    public override void Dispose()
    {
        NativeMemory.AlignedFree(globals);
        globals = null;
    }

    private void Initialize(PtxModule module, PtxVariable variable)
    {
        long offset = Layout.GlobalOffset(variable);
        if (variable.Data is null || offset < 0) return;
        variable.Data.CopyTo(new Span<byte>(globals + offset, (int)variable.Bytes));
        foreach (PtxRelocation relocation in variable.Relocations)
        {
            PtxVariable? target = module.Variables.Find(v => v.Name == relocation.Symbol);
            long place = target is null ? -1 : Layout.GlobalOffset(target);
            if (place < 0) throw RuntimeErrors.UndefinedSymbol(relocation.Symbol, variable.Line);
            *(long*)(globals + offset + relocation.Offset) = (long)globals + place + relocation.Addend;
        }
    }
}
