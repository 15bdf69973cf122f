using System.Collections.Concurrent;
using MmKernels.Graphs;

namespace MmKernels.Tests.Kernels;

[Collection(nameof(DeviceCollection))]
public sealed class PtxTests(DeviceFixture devices)
{
    [SkippableTheory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void EveryKernel_Assembles_WithoutSpills(string architecture)
    {
        Ptxas? ptxas = Ptxas.Find();
        Skip.If(ptxas is null, "ptxas is not installed (MMK_PTXAS, ~/.cache/mmkernels, PATH)");

        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(Kernels(), new ParallelOptions { MaxDegreeOfParallelism = 2 }, kernel =>
        {
            string? fault = ptxas.Fault(kernel.Value, architecture);
            if (fault is not null) faults.Add($"{kernel.Key}: {fault}");
        });
        Assert.True(faults.IsEmpty, string.Join("\n\n", faults));
    }

    /// <summary>The PTX of every kernel that a case launches, by the kernel's name.</summary>
    private Dictionary<string, string> Kernels()
    {
        var texts = new Dictionary<string, string>();
        foreach (KernelCase test in AllCases.ByName.Values)
        {
            Tensor[] tensors = Array.ConvertAll(test.Operands, operand => devices.Cpu.Allocate(operand.Type, new Shape(operand.Dims)));
            var graph = new Graph(devices.Cpu);
            test.Op(graph, tensors);
            foreach (LaunchNode launch in graph.Launches) texts[$"{launch.Kernel} {launch.Group}"] = launch.Loaded.GetAwaiter().GetResult().Ptx;
            foreach (Tensor tensor in tensors) devices.Cpu.Release(tensor.Memory.Buffer!);
        }
        return texts;
    }
}
