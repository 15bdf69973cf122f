using MmKernels.Graphs;
using MmKernels.Runtime.Cuda;

namespace MmKernels.Tests.Kernels;

/// <summary>The first GPU, where there is one.</summary>
public sealed class GpuFixture : IDisposable
{
    public Accelerator? Gpu { get; } = CudaDevice.Count > 0 ? Accelerator.Open("cuda:0") : null;

    public void Dispose() => Gpu?.Dispose();
}

/// <summary>The cases of <see cref="KernelTests"/> on a GPU, whose approximate instructions have other last bits than the CPU's, within the same tolerances.</summary>
public sealed class GpuTests(GpuFixture fixture) : IClassFixture<GpuFixture>
{
    [SkippableFact]
    public void EveryOp_OnAGpu_MatchesItsReference()
    {
        Skip.If(fixture.Gpu is null, "no NVIDIA GPU: no kernel has run on one");
        var failures = new List<string>();
        foreach (KernelCase test in AllCases.ByName.Values)
        {
            byte[][] actual = CaseRunner.Run(fixture.Gpu!, test);
            DType[] types = CaseRunner.OutputTypes(fixture.Gpu!, test);
            double[][] expected = test.Reference(test.Operands);
            for (int i = 0; i < expected.Length; i++)
                if (Comparison.Difference(types[i], actual[i], expected[i], test.Tolerance) is string difference) failures.Add($"{test}, result {i}: {difference}");
        }
        Assert.Empty(failures);
    }
}
