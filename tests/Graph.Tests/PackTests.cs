using System.Reflection;
using System.Security.Cryptography;
using MmKernels.Dialect;
using MmKernels.Graphs;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

public sealed class PackTests : IDisposable
{
    private static readonly KernelRef Scale = new(typeof(TestKernels), nameof(TestKernels.ScaleKernel), typeof(F32));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Pack()
    {
        var builder = new KernelPackBuilder(["sm_80"], [4]);
        builder.Add(Scale, 64);
        string path = Path.Combine(folder.Path, "MmKernels.Pack.dll");
        builder.Save(path);
        return path;
    }

    private static Accelerator Open(KernelPack pack) => new(new CpuDevice(new CpuOptions { Lanes = 4, Threads = 1, Code = [pack.Code] }), disk: null, packs: [pack]);

    [Fact]
    public void PackedKernel_HasThePtxThatTheCompilerMakes()
    {
        KernelPack pack = KernelPack.Open(Pack());
        foreach (string target in new[] { "sm_80", "sm_90" })
            Assert.Equal(new Compiler.KernelCompiler().Compile(Scale.Resolve(), KernelCache.Options(target, 64)).Ptx, pack.Find(Scale, 64, target)!.Ptx);
        Assert.Equal(2, pack.Count);
    }

    [Fact]
    public void Graph_TakesKernelsAndTheirParametersFromThePack_AndCompilesTheOthers()
    {
        KernelPack pack = KernelPack.Open(Pack());
        using Accelerator accelerator = Open(pack);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 2, 3]), sum = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 1, 1]);
        var g = new Graph(accelerator);
        Tensor y = g.Keep(g.Scale(x, 4));
        g.AddInto(y, sum);
        using GraphPlan plan = g.Plan();
        plan.Run();
        Assert.Equal([5, 9, 13], accelerator.Read<float>(sum));
        Assert.Equal((2, 1, 1), (accelerator.Kernels.Count, accelerator.Kernels.FromPacks, pack.Code.Used));
        var refusal = Assert.Throws<MmkException>(() => new Graph(accelerator).Launch(Scale, 1, 64, x, sum, 3f, 4f));
        Assert.EndsWith("`n` is Int32, the argument Single", refusal.Problem);
    }

    [Fact]
    public void PackWithoutCpuCode_LeavesThatToTheDevice()
    {
        var builder = new KernelPackBuilder([], []);
        builder.Add(Scale, 64);
        string path = Path.Combine(folder.Path, "MmKernels.Pack.dll");
        builder.Save(path);
        KernelPack pack = KernelPack.Open(path);
        using Accelerator accelerator = Open(pack);
        Tensor x = accelerator.Upload<float>(DType.F32, new Shape(3), [1, 2, 3]);
        var g = new Graph(accelerator);
        Tensor y = g.Keep(g.Scale(x, 4));
        using GraphPlan plan = g.Plan();
        plan.Run();
        Assert.Equal([4, 8, 12], accelerator.Read<float>(y));
        Assert.Equal((1, 0), (accelerator.Kernels.FromPacks, pack.Code.Used));
    }

    [Fact]
    public void GroupsOfAnotherSize_AreNotServedByThePack()
    {
        KernelPack pack = KernelPack.Open(Pack());
        Assert.Null(pack.Find(Scale, 128, "sm_90"));
        Assert.Null(pack.Find(new KernelRef(typeof(TestKernels), nameof(TestKernels.ScaleKernel), typeof(F16)), 64, "sm_90"));
        Assert.Equal(0, pack.Used);
    }

    [Fact]
    public void DamagedTable_IsRefused()
    {
        string path = Pack();
        byte[] assembly = File.ReadAllBytes(path);
        int table = assembly.AsSpan().IndexOf("mmkernels-ptx-1\n"u8);
        for (int at = table; at < table + 400; at += 23)
        {
            byte[] damaged = [.. assembly];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.Equal(531, Assert.Throws<MmkException>(() => KernelPack.Open(path)).Number);
        }
        File.WriteAllBytes(path, assembly[..(assembly.Length / 2)]);
        Assert.Equal(531, Assert.Throws<MmkException>(() => KernelPack.Open(path)).Number);
        File.WriteAllText(path, "no assembly");
        Assert.Equal(531, Assert.Throws<MmkException>(() => KernelPack.Open(path)).Number);
        Assert.Equal(531, Assert.Throws<MmkException>(() => KernelPack.Open(typeof(PackTests).Assembly.Location)).Number);
        Assert.Equal(531, Assert.Throws<MmkException>(() => KernelPack.Use(typeof(PackTests))).Number);
    }

    /// <summary>The table lists every assembly that the kernel's code can come from; a pack made from another build of any of them is refused.</summary>
    [Fact]
    public void PackOfAnotherBuild_IsRefusedAndSaysOfWhat()
    {
        string path = Pack();
        byte[] assembly = File.ReadAllBytes(path);
        int table = assembly.AsSpan().IndexOf("mmkernels-ptx-1\n"u8), content = table + 48, length = BitConverter.ToInt32(assembly, table - 4) - 48;
        foreach (Assembly part in new[] { typeof(TestKernels).Assembly, typeof(F32).Assembly, typeof(Graph).Assembly, typeof(Compiler.KernelCompiler).Assembly })
        {
            byte[] stale = [.. assembly];
            int build = stale.AsSpan(content, length).IndexOf(part.ManifestModule.ModuleVersionId.ToByteArray());
            Assert.True(build >= 0, $"{part.GetName().Name} is not in the table");
            stale[content + build + 3] ^= 1;
            SHA256.HashData(stale.AsSpan(content, length), stale.AsSpan(table + 16, 32));
            File.WriteAllBytes(path, stale);
            var refusal = Assert.Throws<MmkException>(() => KernelPack.Open(path));
            Assert.Equal(532, refusal.Number);
            Assert.Contains(part.GetName().Name!, refusal.Problem);
        }
    }

    [Fact]
    public void EveryPrefixOfATable_IsReadOrRefused()
    {
        var content = new PackContent(Guid.NewGuid(), [new PackStamp("a", Guid.NewGuid())], [new PackedKernel("k 1,1,1 sm_80", "k", KernelSignature.Of(Scale.Resolve()), "ptx")]);
        byte[] bytes = content.ToBytes();
        PackContent read = PackContent.Read("pack", bytes);
        Assert.Equal(content.Kernels[0].Parameters, read.Kernels[0].Parameters);
        for (int length = 0; length < bytes.Length; length++)
        {
            // With a hash that fits, as a broken writer would leave it.
            byte[] prefix = bytes[..length];
            if (length > 48) SHA256.HashData(prefix.AsSpan(48), prefix.AsSpan(16, 32));
            Assert.Equal(531, Assert.Throws<MmkException>(() => PackContent.Read("pack", prefix)).Number);
        }
    }

    [Fact]
    public void PackThatCannotBeWritten_IsAnError()
    {
        var builder = new KernelPackBuilder([], []);
        Assert.Equal(534, Assert.Throws<MmkException>(() => builder.Save(Path.Combine(folder.Path, "no", "folder", "pack.dll"))).Number);
    }

    [Fact]
    public void ListLines_ComeBackAsTheyWere()
    {
        ListedKernel[] kernels = [new(Scale, 64), new(new KernelRef(typeof(TestKernels), nameof(TestKernels.AddIntoKernel)), new Dim3(8, 4, 2))];
        string text = "# a comment\n\n" + string.Join("\r\n", kernels.Select(kernel => KernelList.Line(kernel.Kernel, kernel.Group) + "  # why"));
        Assert.Equal(kernels, KernelList.Parse(text, "list", [typeof(TestKernels).Assembly]));
    }

    [Theory]
    [InlineData("TestKernels.ScaleKernel<F32>", "size of the groups")]
    [InlineData("TestKernels.ScaleKernel<F32> 0", "size of the groups")]
    [InlineData("TestKernels.ScaleKernel<F32> 8,8,8,8", "size of the groups")]
    [InlineData("TestKernels.ScaleKernel<F32 64", "`>` is missing")]
    [InlineData("ScaleKernel<F32> 64", "no class and method")]
    [InlineData("NoKernels.ScaleKernel<F32> 64", "no class NoKernels")]
    [InlineData("TestKernels.ScaleKernel<F33> 64", "no type F33")]
    public void LineThatIsNone_IsRefusedWithItsPlace(string line, string problem)
    {
        var refusal = Assert.Throws<MmkException>(() => KernelList.Parse("\n" + line, "kernels.txt", [typeof(TestKernels).Assembly]));
        Assert.Equal(535, refusal.Number);
        Assert.Contains("kernels.txt, line 2", refusal.Problem);
        Assert.Contains(problem, refusal.Problem);
    }
}
