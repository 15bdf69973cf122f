using System.Runtime.Intrinsics.X86;
using MmKernels.Graphs;
using MmKernels.Kernels;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests.Kernels;

/// <summary>Shipped kernels that were compiled ahead of time do what kernels do that are compiled in the process.</summary>
public sealed class PackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void KernelsOfAPack_GiveTheBitsOfKernelsCompiledInTheProcess(int lanes)
    {
        Skip.If(lanes == 16 ? !Avx512F.IsSupported : lanes == 8 && !(Avx2.IsSupported && Fma.IsSupported), $"this processor has no vectors of {lanes} lanes");
        // Every width takes the matrix products and norms, and a share of the others.
        KernelCase[] cases = [.. AllCases.ByName.Values.Where((test, i) => i % 45 == lanes || test.Name.StartsWith("rms_norm F32", StringComparison.Ordinal) || test.Name.StartsWith("linear F32 F32 330x65x33", StringComparison.Ordinal))];

        using var compiling = new Accelerator(new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 2 }), disk: null, packs: []);
        byte[][][] expected = Array.ConvertAll(cases, test => CaseRunner.Run(compiling, test));
        Assert.Contains(compiling.Kernels.List, line => line.StartsWith("GemmKernel.Kernel<", StringComparison.Ordinal));
        Assert.Contains(compiling.Kernels.List, line => line.StartsWith("RmsNormKernel.Kernel<", StringComparison.Ordinal));

        // What ran in one process is what the pack for another is made from.
        string path = Path.Combine(folder.Path, "MmKernels.Pack.dll");
        var builder = new KernelPackBuilder(["sm_80"], [lanes]);
        foreach (ListedKernel kernel in KernelList.Parse(string.Join('\n', compiling.Kernels.List), "list", [typeof(GemmKernel).Assembly])) builder.Add(kernel.Kernel, kernel.Group);
        Assert.Empty(builder.Interpreted);
        Assert.Equal(2 * compiling.Kernels.Count, builder.Count);   // two targets
        builder.Save(path);

        KernelPack pack = KernelPack.Open(path);
        using var packed = new Accelerator(new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 2, Code = [pack.Code] }), disk: null, packs: [pack]);
        for (int i = 0; i < cases.Length; i++)
        {
            byte[][] got = CaseRunner.Run(packed, cases[i]);
            for (int output = 0; output < got.Length; output++) Assert.True(got[output].AsSpan().SequenceEqual(expected[i][output]), $"{cases[i]}, result {output}: other bits");
        }
        Assert.Equal((compiling.Kernels.Count, compiling.Kernels.Count, compiling.Kernels.Count), (packed.Kernels.Count, packed.Kernels.FromPacks, pack.Code.Used));
    }
}
