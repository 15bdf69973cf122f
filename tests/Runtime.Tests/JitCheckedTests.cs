using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cases;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>With checks, an access of memory that the kernel does not have is an error with its place, and the device goes on; without fault nothing changes.</summary>
public sealed class JitCheckedTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuOptions { Threads = 2, Checked = true });

    public void Dispose() => device.Dispose();

    private static string Entry(string body) => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        .global .u32 table[4] = {1, 2, 3, 4};
        .visible .entry k(.param .u64 output, .param .u32 n)
        {
            .reg .b32 %r<20>;
            .reg .b64 %rd<20>;
            .reg .pred %p<10>;
            .shared .align 16 .b8 tile[256];
            .local .align 4 .b8 mine[32];
            ld.param.u64 %rd0, [output];
            ld.param.u32 %r9, [n];
            mov.u32 %r0, %tid.x;
            mul.wide.u32 %rd1, %r0, 4;
            add.s64 %rd1, %rd0, %rd1;
            {{body}}
            ret;
        }
        """;

    /// <summary>64 threads, a buffer of 64 words.</summary>
    private int[] Run(Device on, string body, uint n = 0)
    {
        using DeviceModule module = on.Load(Entry(body));
        using DeviceBuffer output = on.Allocate(256);
        on.Fill(output, 0, 256, 0);
        var parameters = new byte[12];
        BitConverter.TryWriteBytes(parameters, output.Address);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), n);
        on.Launch(module.GetKernel("k"), 1, 64, 0, parameters);
        var words = new int[64];
        on.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }

    [Theory]
    [InlineData("a run behind the buffer", "st.global.u32 [%rd1+4], %r0;", "`output`")]
    [InlineData("a run before it", "ld.global.u32 %r1, [%rd1+-4]; st.global.u32 [%rd1], %r1;", "before `output`")]
    [InlineData("one place for all", "st.global.u32 [%rd0+256], 7;", "`output`")]
    [InlineData("a vector that sticks out", "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%rd0+248];", "`output`")]
    [InlineData("steps", "mul.wide.u32 %rd2, %r0, 8; add.s64 %rd2, %rd0, %rd2; st.global.u32 [%rd2], %r0;", "`output`")]
    [InlineData("lanes anywhere", "mul.lo.u32 %r1, %r0, %r0; mul.wide.u32 %rd2, %r1, 4; add.s64 %rd2, %rd0, %rd2; st.global.u32 [%rd2], %r0;", "`output`")]
    [InlineData("null", "ld.global.u32 %r1, [%rd5]; st.global.u32 [%rd1], %r1;", "0x0")]
    [InlineData("a wild address", "mov.u64 %rd2, 0x123456789ABC; add.s64 %rd2, %rd2, %rd1; ld.global.u32 %r1, [%rd2]; st.global.u32 [%rd1], %r1;", "0x")]
    [InlineData("atomics", "atom.global.add.u32 %r1, [%rd1+128], 1;", "`output`")]
    [InlineData("a variable", "mov.u64 %rd2, table; ld.global.u32 %r1, [%rd2+16]; st.global.u32 [%rd1], %r1;", "table")]
    [InlineData("shared memory", "shl.b32 %r1, %r0, 3; mov.u32 %r2, tile; add.u32 %r2, %r2, %r1; st.shared.u32 [%r2], %r0;", "shared memory has 256 bytes, the access goes to byte")]
    [InlineData("generic addresses", "cvta.to.global.u64 %rd2, %rd1; st.u32 [%rd2+4096], %r0;", "`output`")]
    public void AccessOutOfBounds_IsAnError_AndTheDeviceGoesOn(string what, string body, string where)
    {
        MmkException fault = Assert.Throws<MmkException>(() => Run(device, $"mov.u64 %rd5, 0;\n{body}"));
        Assert.True(fault.Number == 321, what);
        Assert.Contains("PTX line 18", fault.Message);
        Assert.Contains(where, fault.Message);
        Assert.Equal(63, Run(device, "st.global.u32 [%rd1], %r0;")[63]);
    }

    [Fact]
    public void AddressesOfLanesThatAreSwitchedOff_MayBeAnything()
    {
        int[] words = Run(device, """
            setp.lt.u32 %p1, %r0, %r9;
            @%p1 st.global.u32 [%rd1+128], %r0;
            mov.u64 %rd5, 0;
            setp.gt.u32 %p2, %r0, 100;
            @%p2 st.global.u32 [%rd5], %r0;
            mul.lo.u32 %r1, %r0, %r0;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd2, %rd0, %rd2;
            setp.lt.u32 %p3, %r0, 5;
            @%p3 st.global.u32 [%rd2], 9;
            """, n: 32);
        Assert.Equal(31, words[63]);
        Assert.Equal(9, words[16]);
    }

    [Fact]
    public void LocalSharedAndConstantMemory_AreTheKernels()
    {
        int[] words = Run(device, """
            mov.u32 %r1, mine;
            and.b32 %r2, %r0, 7;
            shl.b32 %r2, %r2, 2;
            add.u32 %r1, %r1, %r2;
            st.local.u32 [%r1], %r0;
            ld.local.u32 %r3, [%r1];
            shl.b32 %r4, %r0, 2;
            mov.u32 %r5, tile;
            add.u32 %r5, %r5, %r4;
            st.shared.u32 [%r5], %r3;
            bar.sync 0;
            cvt.u64.u32 %rd2, %r5;
            cvta.shared.u64 %rd2, %rd2;
            ld.u32 %r6, [%rd2];
            mov.u64 %rd3, table;
            and.b32 %r7, %r0, 3;
            mul.wide.u32 %rd4, %r7, 4;
            add.s64 %rd3, %rd3, %rd4;
            ld.global.u32 %r8, [%rd3];
            add.u32 %r6, %r6, %r8;
            st.global.u32 [%rd1], %r6;
            """);
        for (int i = 0; i < 64; i++) Assert.Equal(i + 1 + (i & 3), words[i]);
    }

    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        foreach (string folder in PtxCases.Folders())
            if (new FileInfo(Path.Combine(folder, "data.safetensors")).Length < 100_000) data.Add(folder);
        return data;
    }

    [SkippableTheory, MemberData(nameof(Cases))]
    public void CorpusCase_RaisesNoAlarm(string folder)
    {
        PtxCase test = PtxCase.Read(folder);
        PtxCaseResult result;
        try { result = PtxCaseRunner.Run(device, test); }
        catch (MmkException e) when (test.Optional && e.Number == 310) { throw new SkipException(e.Message); }
        Assert.True(result.Passed, string.Join("; ", result.Differences));
    }

    [Fact]
    public void KernelLeftToTheInterpreter_IsCheckedOnAnyDevice()
    {
        using var plain = new CpuDevice(new CpuOptions { Threads = 1, Checked = false });
        MmkException fault = Assert.Throws<MmkException>(() => Run(plain, "nanosleep.u32 1; again: ld.volatile.global.u32 %r1, [%rd0+4096]; setp.eq.u32 %p1, %r1, 77; @%p1 bra again;"));
        Assert.Equal(321, fault.Number);
    }

    [Theory]
    [InlineData("mov.u32 %r1, 1; again: add.u32 %r1, %r1, 2; setp.ne.u32 %p1, %r1, 0; @%p1 bra again;")]
    [InlineData("mov.u32 %r1, %tid.x; again: mad.lo.u32 %r1, %r1, 4, 1; setp.ne.u32 %p1, %r1, 2; @%p1 bra again;")]
    [InlineData("again: bar.sync 0; bra again;")]
    [InlineData("again: nanosleep.u32 1; bra again;")]
    public void KernelThatNeverEnds_IsStoppedByTheLimit_AndTheDeviceGoesOn(string body)
    {
        using var limited = new CpuDevice(new CpuOptions { Threads = 2, LaunchLimit = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(313, Assert.Throws<MmkException>(() => Run(limited, body)).Number);
        Assert.Equal(63, Run(limited, "st.global.u32 [%rd1], %r0;")[63]);
    }

    public static TheoryData<string> Devices() => ["cpu", "interpreter"];

    [Theory, MemberData(nameof(Devices))]
    public void AddressOfAFreedBuffer_IsRefusedAtTheLaunch(string name)
    {
        using Device on = name == "cpu" ? new CpuDevice(new CpuOptions { Threads = 1 }) : new InterpreterDevice();
        using DeviceModule module = on.Load(Entry("st.global.u32 [%rd1], %r0;"));
        DeviceBuffer freed = on.Allocate(1 << 20);
        var parameters = new byte[12];
        BitConverter.TryWriteBytes(parameters, freed.Address + 16);
        freed.Dispose();
        MmkException refusal = Assert.Throws<MmkException>(() => on.Launch(module.GetKernel("k"), 1, 64, 0, parameters));
        Assert.Equal(314, refusal.Number);
        Assert.Contains("`output`", refusal.Message);
        using DeviceBuffer kept = on.Allocate(256);
        BitConverter.TryWriteBytes(parameters, kept.Address);
        on.Launch(module.GetKernel("k"), 1, 64, 0, parameters);
    }
}
