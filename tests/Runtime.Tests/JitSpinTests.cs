using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

/// <summary>Threads that wait for each other without a barrier come to an end on the CPU device.</summary>
public class JitSpinTests
{
    /// <summary>The first warp waits for a flag that the second one sets.</summary>
    private const string Flag = """
        setp.ge.u32 %p, %t, 32;
        @%p bra sets;
        wait: ld.volatile.shared.u32 %a, [flag];
        setp.eq.u32 %q, %a, 0;
        @%q bra wait;
        bra done;
        sets: mov.u32 %a, 7;
        st.volatile.shared.u32 [flag], %a;
        done: add.u32 %a, %a, %t;
        """;

    /// <summary>Each thread takes a lock, also from the others of its warp.</summary>
    private const string Lock = """
        take: atom.global.cas.b32 %a, [%out+1024], 0, 1;
        setp.ne.u32 %p, %a, 0;
        @%p bra take;
        ld.volatile.global.u32 %a, [%out+1028];
        add.u32 %b, %a, 1;
        st.volatile.global.u32 [%out+1028], %b;
        atom.global.exch.b32 %b, [%out+1024], 0;
        """;

    /// <summary>Each block waits for the one behind it.</summary>
    private const string Blocks = """
        mov.u32 %a, %nctaid.x;
        sub.u32 %a, %a, 1;
        mov.u32 %b, %ctaid.x;
        setp.eq.u32 %p, %b, %a;
        @%p bra last;
        wait: atom.global.add.u32 %a, [%out+1032], 0;
        sub.u32 %a, %a, 1;
        setp.gt.s32 %q, %a, %b;
        @%q bra wait;
        last: setp.ne.u32 %p, %t, 0;
        @%p bra done;
        atom.global.exch.b32 %a, [%out+1032], %b;
        done: mov.u32 %a, %b;
        """;

    /// <summary>A sum by compare and swap: each turn tries with what it found, which needs nobody else.</summary>
    private const string Sum = """
        ld.volatile.global.u32 %a, [%out+1024];
        again: mov.u32 %b, %a;
        add.u32 %c, %b, 1;
        atom.global.cas.b32 %a, [%out+1024], %b, %c;
        setp.ne.u32 %p, %a, %b;
        @%p bra again;
        """;

    [Fact]
    public void WarpsThatWaitForAFlag_GoOn()
    {
        uint[] words = Run(Flag, 1, out string executedBy);
        for (uint thread = 0; thread < 64; thread++) Assert.Equal(7 + thread, words[thread]);
        Assert.Contains("waits for other threads", executedBy);
    }

    [Fact]
    public void LanesThatTakeALock_TakeTurns()
    {
        uint[] words = Run(Lock, 3, out string executedBy);
        Assert.Equal(192u, words[257]);
        Assert.Contains("waits for other threads", executedBy);
    }

    [Fact]
    public void BlocksThatWaitForLaterOnes_GoOn()
    {
        uint[] words = Run(Blocks, 3, out string executedBy);
        Assert.Equal(0u, words[258]);
        Assert.Contains("waits for other threads", executedBy);
    }

    [Fact]
    public void SumsByCompareAndSwap_AreCompiled()
    {
        uint[] words = Run(Sum, 5, out string executedBy);
        Assert.Equal(320u, words[256]);
        Assert.StartsWith("SIMD code", executedBy);
    }

    /// <summary>Blocks of 64 threads; each stores %a to its word.</summary>
    private static uint[] Run(string body, int blocks, out string executedBy)
    {
        using var device = new CpuDevice(new CpuOptions { Threads = 2 });
        using DeviceModule module = device.Load($$"""
            .version 7.8
            .target sm_80
            .address_size 64
            .visible .entry k(.param .u64 output)
            {
                .reg .b32 %a; .reg .b32 %b; .reg .b32 %c; .reg .b32 %t; .reg .pred %p; .reg .pred %q; .reg .b64 %out; .reg .b64 %at;
                .shared .align 4 .b32 flag;
                ld.param.u64 %out, [output];
                mov.u32 %t, %tid.x;
                setp.eq.u32 %p, %t, 0;
                mov.u32 %a, 0;
                @%p st.shared.u32 [flag], %a;
                bar.sync 0;
                {{body}}
                mul.wide.u32 %at, %t, 4;
                add.u64 %at, %out, %at;
                st.global.u32 [%at], %a;
                ret;
            }
            """);
        DeviceKernel kernel = module.GetKernel("k");
        using DeviceBuffer output = device.Allocate(2048);
        device.Fill(output, 0, 2048, 0);
        device.Write(output, 1032, BitConverter.GetBytes((uint)blocks));
        device.Launch(kernel, blocks, 64, 0, BitConverter.GetBytes(output.Address));
        executedBy = kernel.ExecutedBy;
        var words = new uint[512];
        device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }
}
