using MmKernels.Graphs;

namespace MmKernels.Tests.Kernels;

/// <summary>The devices that kernels are compared on, opened once for all tests.</summary>
public sealed class DeviceFixture : IDisposable
{
    /// <summary>Null while the device does not exist.</summary>
    public Accelerator? Cpu { get; } = OpenCpu();

    public Accelerator Interpreter { get; } = Accelerator.Open("interpreter");

    private static Accelerator? OpenCpu()
    {
        try { return Accelerator.Open("cpu"); }
        catch (MmkException e) when (e.Number == 508) { return null; }
    }

    public void Dispose()
    {
        Cpu?.Dispose();
        Interpreter.Dispose();
    }
}

[CollectionDefinition(nameof(DeviceCollection), DisableParallelization = true)]
public sealed class DeviceCollection : ICollectionFixture<DeviceFixture>;
