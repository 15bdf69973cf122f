using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Loader;
using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.AheadOfTime;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>CPU code that is saved as an assembly and loaded again does what code does that is made in memory.</summary>
public sealed class AheadOfTimeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<int> Widths() => [16, 8, 4];

    /// <summary>An assembly of the name that this library trusts, in a context of its own.</summary>
    private static CpuCode Load(byte[] assembly)
        => CpuCode.Open(new AssemblyLoadContext(null).LoadFromStream(new MemoryStream(assembly)).GetType(CpuCode.TypeName, throwOnError: true)!);

    private byte[] Save(CpuCodeBuilder builder)
    {
        string path = Path.Combine(folder.Path, "pack.dll");
        builder.Save(path, new Dictionary<string, byte[]>());
        return File.ReadAllBytes(path);
    }

    [SkippableTheory]
    [MemberData(nameof(Widths))]
    public void RandomPrograms_GiveTheInterpretersBits(int lanes)
    {
        SkipWithout(lanes);
        const int Seeds = 40;
        var builder = new CpuCodeBuilder();
        for (int seed = 0; seed < Seeds; seed++)
        {
            var program = new JitRandomProgram(seed);
            Assert.Empty(builder.Add(program.Ptx, lanes, program.Block));
        }
        CpuCode code = Load(Save(builder));
        using var cpu = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 1, Code = [code] });
        using var interpreter = new InterpreterDevice();
        for (int seed = 0; seed < Seeds; seed++)
        {
            string? difference = JitDifferentialTests.Compare(cpu, interpreter, seed);
            Assert.True(difference is null, difference);
        }
        Assert.Equal((Seeds, Seeds), (code.Count, code.Used));
    }

    [SkippableTheory]
    [MemberData(nameof(Widths))]
    public void PtxOfOtherCompilers_GivesTheExpectedOutputs(int lanes)
    {
        SkipWithout(lanes);
        // Each width takes every third case.
        PtxCase[] cases = [.. PtxCases.Folders().Where((_, i) => i % 3 == lanes / 8).Select(PtxCase.Read).Where(test => !test.Optional)];
        Assert.NotEmpty(cases);
        var builder = new CpuCodeBuilder();
        var refused = new HashSet<string>();
        foreach (PtxCase test in cases)
            if (builder.Add(test.Ptx, lanes, test.Block).Any(refusal => refusal.StartsWith(test.Entry + ":", StringComparison.Ordinal))) refused.Add(test.Folder);
        CpuCode code = Load(Save(builder));
        using var cpu = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 2, Code = [code] });
        using var justInTime = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 2 });
        foreach (PtxCase test in cases)
        {
            PtxCaseResult result = PtxCaseRunner.Run(cpu, test);
            Assert.True(result.Passed, $"{test.Folder}: {string.Join("; ", result.Differences)}");
            Assert.Contains(refused.Contains(test.Folder) ? "interpreter" : "made ahead of time", result.ExecutedBy);
        }
        // What has no code ahead of time has none just in time either.
        foreach (PtxCase test in cases.Where(test => refused.Contains(test.Folder))) Assert.Contains("interpreter", PtxCaseRunner.Run(justInTime, test).ExecutedBy);
    }

    /// <summary>Code for vectors of 8 and 16 lanes is written for processors that have them.</summary>
    private static void SkipWithout(int lanes)
        => Skip.If(lanes == 16 ? !Avx512F.IsSupported : lanes == 8 && !(Avx2.IsSupported && Fma.IsSupported), $"this processor has no vectors of {lanes} lanes");

    [SkippableFact]
    public void CodeForOtherProcessors_IsNotTaken()
    {
        Skip.If(Avx512F.IsSupported, "this processor runs all code");
        var builder = new CpuCodeBuilder();
        builder.Add(Ptx, 16);
        CpuCode code = Load(Save(builder));
        using var cpu = new CpuDevice(new CpuOptions { Lanes = 16, Threads = 1, Code = [code] });
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => 3 * i)], Triple(cpu, out _));
        Assert.Equal(0, code.Used);
    }

    [SkippableTheory]
    [MemberData(nameof(Widths))]
    public void Pack_ServesTheLaunchesThatItHoldsCodeOf(int lanes)
    {
        SkipWithout(lanes);
        var builder = new CpuCodeBuilder();
        Assert.Empty(builder.Add(Ptx, lanes));
        CpuCode code = Load(Save(builder));
        using var cpu = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 1, Code = [code] });
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => 3 * i)], Triple(cpu, out DeviceKernel kernel));
        Assert.Equal(1, code.Used);
        Assert.Equal($"SIMD code of {lanes} lanes, made ahead of time", kernel.ExecutedBy);
    }

    [Fact]
    public void AnotherText_IsNotServedByThePack()
    {
        var builder = new CpuCodeBuilder();
        builder.Add(Ptx.Replace("3;", "4;"), 4);
        CpuCode code = Load(Save(builder));
        using var cpu = new CpuDevice(new CpuOptions { Lanes = 4, Threads = 1, Code = [code] });
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => 3 * i)], Triple(cpu, out DeviceKernel kernel));
        Assert.Equal(0, code.Used);
        Assert.Equal("SIMD code of 4 lanes", kernel.ExecutedBy);
    }

    [Fact]
    public void DamagedTable_IsRefused()
    {
        var builder = new CpuCodeBuilder();
        builder.Add(Ptx, 4);
        byte[] assembly = Save(builder);
        int table = assembly.AsSpan().IndexOf("mmkernels-cpu-1\n"u8);
        for (int at = table; at < table + 16 + 32 + 100; at += 7)
        {
            byte[] damaged = [.. assembly];
            damaged[at] ^= 0x10;
            Assert.Equal(331, Assert.Throws<MmkException>(() => Load(damaged)).Number);
        }
    }

    [Fact]
    public void PackOfAnotherBuild_IsRefused()
    {
        var builder = new CpuCodeBuilder();
        builder.Add(Ptx, 4);
        byte[] assembly = Save(builder);
        // The table names the build of this library; its hash is made to fit, as another build would have made it.
        Span<byte> content = assembly.AsSpan(assembly.AsSpan().IndexOf("mmkernels-cpu-1\n"u8));
        int length = BitConverter.ToInt32(assembly, assembly.Length - content.Length - 4) - 48;
        content[48] ^= 1;
        System.Security.Cryptography.SHA256.HashData(content.Slice(48, length), content.Slice(16, 32));
        Assert.Equal(332, Assert.Throws<MmkException>(() => Load(assembly)).Number);
    }

    [Fact]
    public void AssemblyWithoutCode_IsRefused()
        => Assert.Equal(331, Assert.Throws<MmkException>(() => CpuCode.Open(typeof(AheadOfTimeTests))).Number);

    [Fact]
    public void KernelThatOnlyTheInterpreterRuns_IsNamedAndTheOthersAreWritten()
    {
        var builder = new CpuCodeBuilder();
        string refusal = Assert.Single(builder.Add(Ptx.Replace("ret;", "bar.sync 0, 32; ret;"), 4));
        Assert.Contains("triple", refusal);
        Assert.Empty(builder.Add(Ptx, 4));
        Assert.Equal(1, builder.Count);
        Assert.Equal(1, Load(Save(builder)).Count);
    }

    [Fact]
    public void NumberOfLanesThatNoVectorHas_IsRefused()
        => Assert.Equal(306, Assert.Throws<MmkException>(() => new CpuCodeBuilder().Add(Ptx, 5)).Number);

    private static int[] Triple(Device device, out DeviceKernel kernel)
    {
        using DeviceModule module = device.Load(Ptx);
        using DeviceBuffer output = device.Allocate(64 * 4);
        kernel = module.GetKernel("triple");
        device.Launch(kernel, 2, 32, 0, BitConverter.GetBytes(output.Address));
        var result = new int[64];
        device.Read(output, 0, MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }

    private const string Ptx = """
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry triple(.param .u64 output)
        {
            .reg .b32 %r<9>;
            .reg .b64 %rd<4>;
            ld.param.u64 %rd0, [output];
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, %ctaid.x;
            mad.lo.s32 %r2, %r1, 32, %r0;
            mul.lo.s32 %r3, %r2, 3;
            mul.wide.u32 %rd1, %r2, 4;
            add.s64 %rd1, %rd0, %rd1;
            st.global.u32 [%rd1], %r3;
            ret;
        }
        """;
}
