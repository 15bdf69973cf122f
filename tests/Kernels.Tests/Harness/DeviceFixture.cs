using MmKernels.Graphs;

namespace MmKernels.Tests.Kernels;

/// <summary>The devices that kernels are compared on, opened once for all tests.</summary>
public sealed class DeviceFixture : IDisposable
{
    public Accelerator Cpu { get; } = Accelerator.Open("cpu");

    public Accelerator Interpreter { get; } = Accelerator.Open("interpreter");

    public void Dispose()
    {
        Cpu.Dispose();
        Interpreter.Dispose();
    }
}

[CollectionDefinition(nameof(DeviceCollection), DisableParallelization = true)]
public sealed class DeviceCollection : ICollectionFixture<DeviceFixture>;
