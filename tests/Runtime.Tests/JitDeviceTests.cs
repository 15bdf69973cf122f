using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

/// <summary>The CPU device as its callers see it: errors, threads, memory; and the places where slices of a warp must not show.</summary>
public sealed class JitDeviceTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuOptions { Threads = 2 });

    public void Dispose() => device.Dispose();

    private static string Entry(string body, string declarations = "") => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry k(.param .u64 output)
        {
            .reg .b32 %r<20>;
            .reg .b64 %rd<20>;
            .reg .f32 %f<10>;
            .reg .pred %p<10>;
            {{declarations}}
            ld.param.u64 %rd0, [output];
            mov.u32 %r0, %tid.x;
            mul.wide.u32 %rd1, %r0, 8;
            add.s64 %rd1, %rd0, %rd1;
            {{body}}
        }
        """;

    /// <summary>Runs one block; each thread has a 64-bit word of output.</summary>
    private long[] Run(string body, int threads = 32, string declarations = "", int blocks = 1)
    {
        using DeviceModule module = device.Load(Entry(body, declarations));
        using DeviceBuffer output = device.Allocate(threads * 8);
        device.Fill(output, 0, output.Bytes, 0);
        device.Launch(module.GetKernel("k"), blocks, threads, 0, BitConverter.GetBytes(output.Address));
        var words = new long[threads];
        device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }

    private static int Number(Action action) => Assert.Throws<MmkException>(action).Number;

    [Fact]
    public void IndexThatWraps_IsExactInEveryLane()
    {
        long[] words = Run("add.s32 %r1, %r0, 0x7ffffff8; cvt.s64.s32 %rd2, %r1; st.global.u64 [%rd1], %rd2; ret;");
        for (int i = 0; i < 32; i++) Assert.Equal(unchecked(i + 0x7ffffff8), words[i]);
    }

    [Fact]
    public void UnsignedIndexBelowZeroInInactiveLanes_AddressesTheActiveOnes()
    {
        // Lanes 8 and up write to word lane - 8; the index of the others wraps around.
        long[] words = Run("""
            sub.u32 %r1, %r0, 8;
            setp.ge.u32 %p1, %r0, 8;
            mul.wide.u32 %rd2, %r1, 8;
            add.s64 %rd2, %rd0, %rd2;
            cvt.u64.u32 %rd3, %r0;
            @%p1 st.global.u64 [%rd2], %rd3;
            ret;
            """);
        for (int i = 0; i < 24; i++) Assert.Equal(i + 8, words[i]);
    }

    [Fact]
    public void SignedIndexThatOverflowsInLanesThatDoNotUseIt_AddressesTheOthers()
    {
        // The index of thread 10 is -2^31; all threads compute it, those before use it. The fence keeps the branch a branch.
        long[] words = Run($"""
            setp.lt.u32 %p1, %r0, 10;
            add.s32 %r1, %r0, {0x7ffffff6};
            mul.wide.s32 %rd2, %r1, 8;
            add.s64 %rd2, %rd0, %rd2;
            add.s64 %rd2, %rd2, {-8L * 0x7ffffff6};
            cvt.u64.u32 %rd3, %r0;
            @!%p1 bra end;
            membar.cta;
            st.global.u64 [%rd2], %rd3;
            end: ret;
            """);
        for (int i = 0; i < 10; i++) Assert.Equal(i, words[i]);
    }

    [Fact]
    public void IndicesOnBothSidesOfAWrap_AreNeverUsedWrongly()
    {
        // Addresses 32 GB apart would both have to be memory: the kernel stops rather than touch another place.
        MmkException fault = Assert.Throws<MmkException>(() => Run("""
            sub.u32 %r1, %r0, 8;
            mul.wide.u32 %rd2, %r1, 8;
            add.s64 %rd2, %rd0, %rd2;
            st.global.u64 [%rd2], 1;
            ret;
            """));
        Assert.Equal(311, fault.Number);
        Assert.Contains("wraps around", fault.Message);
    }

    [Fact]
    public void TwoIndicesWidenedIntoOneRegister_AreExactAtEachUse()
    {
        // The second index wraps in threads that do not use it; the first one's access stands before it in the loop's next round.
        long[] words = Run("""
            mov.u32 %r5, 0;
            mov.u32 %r6, %r0;
            again:
            mul.wide.u32 %rd2, %r6, 8;
            add.s64 %rd3, %rd0, %rd2;
            ld.global.u64 %rd4, [%rd3];
            add.s64 %rd4, %rd4, 1;
            st.global.u64 [%rd3], %rd4;
            sub.u32 %r7, %r6, 8;
            setp.ge.u32 %p1, %r6, 8;
            mul.wide.u32 %rd2, %r7, 8;
            add.s64 %rd3, %rd0, %rd2;
            @%p1 ld.global.u64 %rd5, [%rd3];
            add.u32 %r5, %r5, 1;
            setp.lt.u32 %p2, %r5, 3;
            @%p2 bra again;
            ret;
            """);
        Assert.All(words, w => Assert.Equal(3, w));
    }

    [Fact]
    public void SaturatedBytes_FillA16BitRegister()
    {
        long[] words = Run("sub.u32 %r1, 0, %r0; mul.lo.u32 %r1, %r1, 8; cvt.sat.s8.s32 %rs1, %r1; cvt.u64.u16 %rd2, %rs1; st.global.u64 [%rd1], %rd2; ret;", declarations: ".reg .b16 %rs<3>;");
        for (int i = 0; i < 32; i++) Assert.Equal((ushort)Math.Max(-128, -8 * i), words[i]);
    }

    [Fact]
    public void IndicesOf16Bits_AndShiftedOnes_WrapExactly()
    {
        long[] words = Run("""
            shl.b32 %r1, %r0, 28;
            mul.wide.u32 %rd2, %r1, 1;
            cvt.u32.u16 %r2, %r0;
            sub.u32 %r2, %r2, 5;
            cvt.u64.u16 %rd3, %r2;
            add.s64 %rd2, %rd2, %rd3;
            st.global.u64 [%rd1], %rd2;
            ret;
            """);
        for (int i = 0; i < 32; i++) Assert.Equal((uint)(i << 28) + (long)(ushort)(i - 5), words[i]);
    }

    [Fact]
    public void NegativeFactorOfAnUnsignedProduct_IsALargeOne()
    {
        long[] words = Run("mul.wide.u32 %rd2, %r0, -4; shr.u64 %rd3, %rd2, 3; add.s64 %rd3, %rd3, %rd2; st.global.u64 [%rd1], %rd3; ret;");
        for (long i = 0; i < 32; i++) Assert.Equal(i * 0xFFFFFFFC / 8 + i * 0xFFFFFFFC, words[i]);
    }

    [Fact]
    public void LoadOfOneHalfWarp_TouchesNoAddressOfTheOther()
    {
        // The address is one per half warp; the second half's is no memory. The shuffle makes the warp run as a whole.
        long[] words = Run("""
            shr.u32 %r1, %r0, 4;
            cvt.u64.u32 %rd2, %r1;
            shl.b64 %rd2, %rd2, 44;
            add.s64 %rd2, %rd0, %rd2;
            shfl.sync.bfly.b32 %r2, %r0, 1, 31, -1;
            setp.ge.u32 %p1, %r0, 16;
            mov.u64 %rd3, 7;
            @%p1 bra skip;
            ld.global.u64 %rd3, [%rd2];
            add.s64 %rd3, %rd3, 5;
            skip:
            st.global.u64 [%rd1], %rd3;
            ret;
            """);
        for (int i = 0; i < 32; i++) Assert.Equal(i < 16 ? 5 : 7, words[i]);
    }

    [Fact]
    public void GuardedStoreToOnePlace_WhereNoLaneOfASliceHasTheGuard_StoresNothing()
    {
        // Only thread 3 stores; the other slices have no lane that does.
        long[] words = Run("""
            cvt.u64.u32 %rd2, %r0;
            st.global.u64 [%rd1], %rd2;
            bar.sync 0;
            setp.eq.u32 %p1, %r0, 3;
            @%p1 st.global.u64 [%rd0], 77;
            setp.eq.u32 %p2, %r0, 99;
            @%p2 st.global.u64 [%rd0+8], 88;
            ret;
            """);
        Assert.Equal([77, 1, 2], words[..3]);
    }

    [Fact]
    public void GuardedLoadFromOnePlace_WhereNoLaneHasTheGuard_TouchesNoMemory()
    {
        long[] words = Run("""
            mov.u64 %rd2, 5;
            mov.u64 %rd3, 0;
            setp.eq.u32 %p1, %r0, 99;
            @%p1 ld.global.u64 %rd2, [%rd3];
            st.global.u64 [%rd1], %rd2;
            ret;
            """);
        Assert.All(words, w => Assert.Equal(5, w));
    }

    [Fact]
    public void VolatileSharedMemory_IsSeenByTheWholeWarpAtOnce()
    {
        long[] words = Run("""
            mov.u32 %r1, slots;
            shl.b32 %r2, %r0, 2;
            add.u32 %r2, %r1, %r2;
            st.volatile.shared.u32 [%r2], %r0;
            xor.b32 %r3, %r0, 31;
            shl.b32 %r3, %r3, 2;
            add.u32 %r3, %r1, %r3;
            ld.volatile.shared.u32 %r4, [%r3];
            cvt.u64.u32 %rd2, %r4;
            st.global.u64 [%rd1], %rd2;
            ret;
            """, declarations: ".shared .align 4 .b32 slots[32];");
        for (int i = 0; i < 32; i++) Assert.Equal(31 - i, words[i]);
    }

    [Fact]
    public void Trap_IsAFaultWithItsLine_AndTheDeviceGoesOn()
    {
        Assert.Equal(311, Number(() => Run("trap;\nret;")));
        Assert.Equal(9, Run("mov.u64 %rd2, 9; st.global.u64 [%rd1], %rd2; ret;")[31]);
    }

    [Fact]
    public void BarriersOfPartsOfAWarp_AreAFault()
        => Assert.Equal(320, Number(() => Run("setp.lt.u32 %p1, %r0, 7; @%p1 bra other; bar.sync 0; bra end; other: bar.sync 0; end: ret;")));

    [Fact]
    public void Refusals_AreNumbered_AndTheDeviceGoesOn()
    {
        using DeviceModule module = device.Load(Entry("ret;", ".shared .align 4 .b8 tile[1024];"));
        DeviceKernel kernel = module.GetKernel("k");
        var parameters = new byte[8];
        DeviceBuffer freed = device.Allocate(16);
        freed.Dispose();
        Assert.Equal(302, Number(() => device.Write(freed, 0, [1])));
        using DeviceBuffer small = device.Allocate(16);
        Assert.Equal(304, Number(() => device.Read(small, 8, new byte[9])));
        Assert.Equal(305, Number(() => module.GetKernel("other")));
        Assert.Equal(306, Number(() => device.Launch(kernel, 1, 1025, 0, parameters)));
        Assert.Equal(306, Number(() => device.Launch(kernel, 0, 32, 0, parameters)));
        Assert.Equal(307, Number(() => device.Launch(kernel, 1, 32, 1 << 20, parameters)));
        Assert.Equal(308, Number(() => device.Launch(kernel, 1, 32, 0, new byte[4])));
        Assert.Equal(300, Number(() => device.Allocate(1L << 60)));
        device.Launch(kernel, 1, 32, 0, parameters);
    }

    [Fact]
    public void ClosedDevice_SaysSo()
    {
        var closed = new CpuDevice(new CpuOptions { Threads = 1 });
        closed.Dispose();
        Assert.Equal(309, Number(() => closed.Allocate(1)));
    }

    [Fact]
    public void WhatTheJitLeavesOut_NamesItsReason()
    {
        using DeviceModule module = device.Load(Entry("mov.u32 %r1, slot; mbarrier.init.shared.b64 [%r1], 32; ret;", ".shared .align 8 .b64 slot;"));
        DeviceKernel kernel = module.GetKernel("k");
        kernel.Prepare();
        Assert.Contains("mbarrier.init", kernel.ExecutedBy);
        device.Launch(kernel, 1, 32, 0, new byte[8]);
    }

    [Fact]
    public void Prepare_FromSeveralThreads_CompilesEveryKernel()
    {
        DeviceModule[] modules = [.. Enumerable.Range(0, 8).Select(i => device.Load(Entry($"mov.u64 %rd2, {i}; st.global.u64 [%rd1], %rd2; ret;")))];
        DeviceKernel[] kernels = Array.ConvertAll(modules, m => m.GetKernel("k"));
        Parallel.ForEach(kernels.Concat(kernels), k => k.Prepare());
        using DeviceBuffer output = device.Allocate(32 * 8);
        for (int i = 0; i < kernels.Length; i++)
        {
            device.Launch(kernels[i], 1, 32, 0, BitConverter.GetBytes(output.Address));
            var words = new long[32];
            device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
            Assert.All(words, w => Assert.Equal(i, w));
        }
        foreach (DeviceModule module in modules) module.Dispose();
    }

    [Fact]
    public void Launch_AllocatesNothing()
    {
        using DeviceModule module = device.Load(Entry("ret;"));
        DeviceKernel kernel = module.GetKernel("k");
        var parameters = new byte[8];
        for (int i = 0; i < 100; i++) device.Launch(kernel, 64, 64, 0, parameters);
        Assert.Equal(0, Allocations.PerRound(() => { for (int i = 0; i < 100; i++) device.Launch(kernel, 64, 64, 0, parameters); }));
    }

    [Fact]
    public void ManyBlocksOnTwoThreads_RunOnceEach()
    {
        long[] words = Run("mov.u64 %rd2, 1; atom.global.add.u64 %rd3, [%rd1], %rd2; ret;", threads: 64, blocks: 1000);
        Assert.All(words, w => Assert.Equal(1000, w));
    }
}
