using System.Globalization;
using MmKernels.Runtime;
using MmKernels.Runtime.Cuda;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Graphs;

/// <summary>Devices by name.</summary>
internal static class Devices
{
    public static Device Open(string name, int threads)
    {
        if (name == "interpreter") return new InterpreterDevice();
        if (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)) return new CudaDevice(ordinal);
        throw GraphErrors.UnknownDevice(name);
    }
}
