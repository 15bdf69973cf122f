using System.Globalization;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Runtime.Cuda;

namespace MmKernels.Graphs;

/// <summary>Devices by name.</summary>
internal static class Devices
{
    public static Device Open(string name, int threads, IReadOnlyList<KernelPack> packs)
    {
        if (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)) return new CudaDevice(ordinal);
        if (name == "cpu") return new CpuDevice(new CpuOptions { Threads = threads, Code = [.. packs.Select(pack => pack.Code)] });
        if (name == "interpreter") return new InterpreterDevice();
        throw GraphErrors.UnknownDevice(name);
    }
}
