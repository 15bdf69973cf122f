using MmKernels.Runtime;

namespace MmKernels.Graphs;

/// <summary>Devices by name.</summary>
internal static class Devices
{
    public static Device Open(string name, int threads)
    {
        throw GraphErrors.UnknownDevice(name);
    }
}
