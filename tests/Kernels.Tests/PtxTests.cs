using System.Collections.Concurrent;
using MmKernels.Compiler;
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
            var options = new CompileOptions(architecture, kernel.Group.X, kernel.Group.Y, kernel.Group.Z);
            string? fault = ptxas.Fault(new KernelCompiler().Compile(kernel.Kernel.Resolve(), options).Ptx, architecture);
            if (fault is not null) faults.Add($"{kernel.Kernel} in groups of {kernel.Group.X}: {fault}");
        });
        Assert.True(faults.IsEmpty, string.Join("\n\n", faults));
    }

    /// <summary>What the CPU device cannot compile it interprets, a hundred times slower.</summary>
    [Fact]
    public void EveryKernel_IsCompiledForTheCpu()
    {
        var interpreted = new List<string>();
        foreach ((KernelRef kernel, Dim3 group) in Kernels())
        {
            string executedBy = devices.Cpu.Kernels.Request(kernel, group).GetAwaiter().GetResult().Kernel.ExecutedBy;
            if (!executedBy.StartsWith("SIMD code", StringComparison.Ordinal)) interpreted.Add($"{kernel}: {executedBy}");
        }
        Assert.True(interpreted.Count == 0, string.Join("\n", interpreted));
    }

    /// <summary>Every kernel that a case launches, with its group size.</summary>
    private HashSet<(KernelRef Kernel, Dim3 Group)> Kernels()
    {
        var kernels = new HashSet<(KernelRef, Dim3)>();
        foreach (KernelCase test in AllCases.ByName.Values)
        {
            Tensor[] tensors = Array.ConvertAll(test.Operands, operand => devices.Interpreter.Allocate(operand.Type, new Shape(operand.Dims)));
            var graph = new Graph(devices.Interpreter);
            test.Op(graph, tensors);
            kernels.UnionWith(graph.Launches.Select(launch => (launch.Kernel, launch.Group)));
            foreach (Tensor tensor in tensors) devices.Interpreter.Release(tensor.Memory.Buffer!);
        }
        return kernels;
    }
}
