using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

/// <summary>Loops that wait for other threads end on the CPU device; loops that only look like it are compiled.</summary>
public sealed class JitSpinTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuOptions { Threads = 2 });

    public void Dispose() => device.Dispose();

    /// <summary>Runs blocks of 64 threads over 64 words of zeros.</summary>
    private int[] Run(string body, out string executedBy, int blocks = 1)
    {
        using DeviceModule module = device.Load($$"""
            .version 7.8
            .target sm_80
            .address_size 64
            .visible .entry k(.param .u64 output)
            {
                .reg .b32 %r<20>;
                .reg .b64 %rd<20>;
                .reg .f32 %f<9>;
                .reg .pred %p<10>;
                ld.param.u64 %rd0, [output];
                mov.u32 %r0, %tid.x;
                mov.u32 %r9, %ctaid.x;
                {{body}}
                ret;
            }
            """);
        DeviceKernel kernel = module.GetKernel("k");
        using DeviceBuffer output = device.Allocate(256);
        device.Fill(output, 0, 256, 0);
        device.Launch(kernel, blocks, 64, 0, BitConverter.GetBytes(output.Address));
        executedBy = kernel.ExecutedBy;
        var words = new int[64];
        device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }

    [Fact]
    public void LockThatEveryThreadTakes_LetsEachIn()
    {
        int[] words = Run("""
            take: atom.global.cas.b32 %r1, [%rd0], 0, 1;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 bra take;
            ld.volatile.global.u32 %r2, [%rd0+4];
            add.u32 %r2, %r2, 1;
            st.volatile.global.u32 [%rd0+4], %r2;
            membar.gl;
            atom.global.exch.b32 %r3, [%rd0], 0;
            """, out string executedBy, blocks: 2);
        Assert.Equal(128, words[1]);
        Assert.Contains("waits", executedBy);
    }

    [Fact]
    public void FlagThatALaterBlockSets_IsSeen()
    {
        int[] words = Run("""
            setp.eq.u32 %p1, %r9, 0;
            @!%p1 bra set;
            wait: ld.acquire.gpu.global.u32 %r1, [%rd0];
            setp.eq.u32 %p2, %r1, 0;
            @%p2 bra wait;
            st.global.u32 [%rd0+4], %r1;
            ret;
            set: st.release.gpu.global.u32 [%rd0], 7;
            """, out string executedBy, blocks: 9);
        Assert.Equal(7, words[1]);
        Assert.Contains("waits", executedBy);
    }

    [Fact]
    public void CompareAndSwapOfTheValueJustSeen_IsCompiled()
    {
        int[] words = Run("""
            ld.global.u32 %r1, [%rd0];
            retry: mov.b32 %f1, %r1;
            add.f32 %f2, %f1, 0f3F800000;
            mov.b32 %r2, %f2;
            mov.u32 %r3, %r1;
            atom.global.cas.b32 %r1, [%rd0], %r3, %r2;
            setp.ne.u32 %p1, %r1, %r3;
            @%p1 bra retry;
            """, out string executedBy, blocks: 2);
        Assert.Equal(128f, BitConverter.Int32BitsToSingle(words[0]));
        Assert.DoesNotContain("interpreter", executedBy);
    }

    [Fact]
    public void TicketsFromACounter_AreCompiled()
    {
        int[] words = Run("""
            next: atom.global.add.u32 %r1, [%rd0], 1;
            setp.ge.u32 %p1, %r1, 1000;
            @%p1 bra done;
            red.global.add.u32 [%rd0+4], 1;
            bra next;
            done:
            """, out string executedBy);
        Assert.Equal(1000, words[1]);
        Assert.DoesNotContain("interpreter", executedBy);
    }

    [Fact]
    public void PlacesTriedOneAfterTheOther_AreCompiled()
    {
        int[] words = Run("""
            mov.u64 %rd1, %rd0;
            add.u32 %r2, %r0, 1;
            probe: atom.global.cas.b32 %r1, [%rd1], 0, %r2;
            add.s64 %rd1, %rd1, 4;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 bra probe;
            """, out string executedBy);
        Assert.Equal(Enumerable.Range(1, 64), words.Order());
        Assert.DoesNotContain("interpreter", executedBy);
    }
}
