using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Calls and branch tables: inlined on the CPU device, frames in the interpreter; the same results on both.</summary>
public class CallTests
{
    private const string Functions = """
        .func (.param .b32 r) twice(.param .b32 a) { .reg .b32 %r<3>; ld.param.u32 %r1, [a]; add.u32 %r2, %r1, %r1; st.param.b32 [r], %r2; ret; }
        .func (.param .b32 r) minus(.param .b32 a) { .reg .b32 %r<3>; ld.param.u32 %r1, [a]; sub.u32 %r2, 1000, %r1; st.param.b32 [r], %r2; ret; }
        .func (.param .b32 r) early(.param .b32 a) {
            .reg .b32 %r<4>; .reg .pred %p<2>;
            ld.param.u32 %r1, [a];
            setp.lt.u32 %p1, %r1, 10;
            mov.u32 %r2, 5;
            st.param.b32 [r], %r2;
            @%p1 ret;
            mul.lo.u32 %r3, %r1, 7;
            st.param.b32 [r], %r3;
            ret;
        }
        .func (.param .b32 r) narrow(.param .b32 a, .param .align 4 .b8 s[8]) {
            .reg .b16 %rs<4>; .reg .b32 %r<6>;
            ld.param.s8 %rs1, [a];
            cvt.s32.s16 %r1, %rs1;
            ld.param.u8 %rs2, [s+1];
            cvt.u32.u16 %r2, %rs2;
            ld.param.u32 %r3, [s+4];
            mad.lo.u32 %r4, %r2, 256, %r1;
            add.u32 %r5, %r4, %r3;
            st.param.b32 [r], %r5;
            ret;
        }
        .func (.param .b32 r) sum(.param .b32 n) {
            .reg .b32 %r<5>; .reg .pred %p<2>;
            ld.param.u32 %r1, [n];
            setp.eq.u32 %p1, %r1, 0;
            mov.u32 %r4, 0;
            @%p1 bra done;
            sub.u32 %r2, %r1, 1;
            { .param .b32 x; .param .b32 y; st.param.b32 [x], %r2; call (y), sum, (x); ld.param.u32 %r3, [y]; }
            add.u32 %r4, %r3, %r1;
            done: st.param.b32 [r], %r4;
            ret;
        }
        .extern .func nowhere;
        .global .u64 table[2] = {twice, minus};
        """;

    public static TheoryData<string> Devices() => ["cpu", "interpreter"];

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(new CpuOptions { Threads = 1 }) : new InterpreterDevice();

    private static int[] Run(Device device, string body, out string executedBy, int threads = 40)
    {
        using DeviceModule module = device.Load($$"""
            .version 7.8
            .target sm_80
            .address_size 64
            {{Functions}}
            .visible .entry k(.param .u64 output)
            {
                .reg .b32 %r<20>;
                .reg .b64 %rd<20>;
                .reg .b16 %rs<9>;
                .reg .pred %p<10>;
                ld.param.u64 %rd0, [output];
                mov.u32 %r0, %tid.x;
                mul.wide.u32 %rd1, %r0, 4;
                add.s64 %rd1, %rd0, %rd1;
                mov.u32 %r9, 0;
                {{body}}
                st.global.u32 [%rd1], %r9;
                ret;
            }
            """);
        using DeviceBuffer output = device.Allocate(threads * 4);
        DeviceKernel kernel = module.GetKernel("k");
        device.Launch(kernel, 1, threads, 0, BitConverter.GetBytes(output.Address));
        executedBy = kernel.ExecutedBy;
        var words = new int[threads];
        device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }

    private static void Check(string name, string body, Func<int, int> expected)
    {
        using Device device = Open(name);
        int[] words = Run(device, body, out string executedBy);
        for (int i = 0; i < words.Length; i++) Assert.Equal(expected(i), words[i]);
        if (name == "cpu") Assert.DoesNotContain("interpreter", executedBy);
    }

    [Theory, MemberData(nameof(Devices))]
    public void CallsOfSomeThreads_ReturnToThem(string device)
        => Check(device, """
            setp.lt.u32 %p1, %r0, 20;
            { .param .b32 x; .param .b32 y; st.param.b32 [x], %r0; @%p1 call (y), early, (x); @%p1 ld.param.u32 %r9, [y]; }
            """, i => i < 10 ? 5 : i < 20 ? 7 * i : 0);

    [Theory, MemberData(nameof(Devices))]
    public void RegistersAndConstants_PassAsArgumentsAndReturns(string device)
        => Check(device, "call (%r1), twice, (%r0); call (%r2), minus, (7); add.u32 %r9, %r1, %r2;", i => 2 * i + 993);

    [Theory, MemberData(nameof(Devices))]
    public void PiecesOfSlots_AreReadInOtherWidthsThanWritten(string device)
        => Check(device, """
            {
                .param .b32 x; .param .align 4 .b8 s[8]; .param .b32 y;
                add.u32 %r1, %r0, 0x1F0;
                st.param.b32 [x], %r1;
                cvt.u16.u32 %rs1, %r0;
                st.param.v2.b8 [s], {%rs1, %rs1};
                st.param.b32 [s+4], 70000;
                call (y), narrow, (x, s);
                ld.param.u32 %r9, [y];
            }
            """, i => (i << 8) + (sbyte)(i + 0x1F0) + 70000);

    [Theory, MemberData(nameof(Devices))]
    public void CallsThroughATable_GoWhereEachThreadSays(string device)
        => Check(device, """
            {
                .param .b32 x; .param .b32 y;
                proto: .callprototype (.param .b32 _) _ (.param .b32 _);
                and.b32 %r1, %r0, 1;
                mul.wide.u32 %rd2, %r1, 8;
                mov.u64 %rd3, table;
                add.s64 %rd3, %rd3, %rd2;
                ld.global.u64 %rd4, [%rd3];
                st.param.b32 [x], %r0;
                call (y), %rd4, (x), proto;
                ld.param.u32 %r9, [y];
            }
            """, i => (i & 1) == 0 ? 2 * i : 1000 - i);

    [Theory, MemberData(nameof(Devices))]
    public void BranchTable_SendsEachThreadItsWay(string device)
        => Check(device, """
            rem.u32 %r1, %r0, 3;
            brx.idx %r1, list;
            list: .branchtargets a, b, a;
            a: mov.u32 %r9, 1; bra end;
            b: add.u32 %r9, %r0, 100;
            end:
            """, i => i % 3 == 1 ? i + 100 : 1);

    [Theory, MemberData(nameof(Devices))]
    public void Recursion_IsRight(string name)
    {
        using Device device = Open(name);
        int[] words = Run(device, "{ .param .b32 x; .param .b32 y; st.param.b32 [x], %r0; call (y), sum, (x); ld.param.u32 %r9, [y]; }", out string executedBy);
        for (int i = 0; i < words.Length; i++) Assert.Equal(i * (i + 1) / 2, words[i]);
        Assert.Contains("interpreter", executedBy);
    }

    [Theory, MemberData(nameof(Devices))]
    public void CallOfAnUndefinedFunction_IsAFaultWhereItIsReached(string name)
    {
        using Device device = Open(name);
        var reached = Assert.Throws<MmkException>(() => Run(device, "setp.eq.u32 %p1, %r0, 3; @%p1 call nowhere;", out _));
        Assert.Equal(311, reached.Number);
        Assert.Contains("nowhere", reached.Message);
        Assert.All(Run(device, "setp.eq.u32 %p1, %r0, 300; @%p1 call nowhere;", out _), w => Assert.Equal(0, w));
    }

    [Theory, MemberData(nameof(Devices))]
    public void ChainsOfCallsWithoutEnd_AreRefusedByNumber(string name)
    {
        using Device device = Open(name);
        var text = new System.Text.StringBuilder(".version 7.8\n.target sm_80\n.address_size 64\n.func f0() { ret; }\n");
        for (int i = 1; i < 20_000; i++) text.Append($".func f{i}() {{ call f{i - 1}; ret; }}\n");
        text.Append(".entry k() { call f19999; ret; }");
        var refusal = Assert.Throws<MmkException>(() => { using DeviceModule module = device.Load(text.ToString()); device.Launch(module.GetKernel("k"), 1, 32, 0, []); });
        Assert.Equal(310, refusal.Number);
    }

    [Theory, MemberData(nameof(Devices))]
    public void CallsThatDoubleAtEachLevel_LoadInLinearTime(string name)
    {
        using Device device = Open(name);
        var text = new System.Text.StringBuilder(".version 7.8\n.target sm_80\n.address_size 64\n.func f0() { exit; }\n");
        for (int i = 1; i < 100; i++) text.Append($".func f{i}() {{ call f{i - 1}; call f{i - 1}; ret; }}\n");
        text.Append(".entry k() { call f99; ret; }");
        using DeviceModule module = device.Load(text.ToString());
        device.Launch(module.GetKernel("k"), 1, 32, 0, []);
    }

    [Theory, MemberData(nameof(Devices))]
    public void CallOfNoFunctionsAddress_IsAFault(string name)
    {
        using Device device = Open(name);
        var fault = Assert.Throws<MmkException>(() => Run(device, """
            {
                .param .b32 x; .param .b32 y;
                proto: .callprototype (.param .b32 _) _ (.param .b32 _);
                mov.u64 %rd4, 12345;
                st.param.b32 [x], %r0;
                call (y), %rd4, (x), proto;
                ld.param.u32 %r9, [y];
            }
            """, out _));
        Assert.Equal(311, fault.Number);
    }

    [Theory, MemberData(nameof(Devices))]
    public void IndexBeyondABranchTable_IsAFault_AndTheDeviceGoesOn(string name)
    {
        using Device device = Open(name);
        var fault = Assert.Throws<MmkException>(() => Run(device, "brx.idx %r0, list; list: .branchtargets a, b; a: mov.u32 %r9, 1; b:", out _));
        Assert.Equal(311, fault.Number);
        Assert.Contains("branch targets", fault.Message);
        Assert.Equal(9, Run(device, "mov.u32 %r9, 9;", out _)[0]);
    }
}
