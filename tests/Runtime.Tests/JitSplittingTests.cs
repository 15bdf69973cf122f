using System.Text;

namespace MmKernels.Tests;

/// <summary>Kernels that are too large for one optimised method are cut into several, which must not show.</summary>
public class JitSplittingTests
{
    private const int Values = 24;

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void LargeKernels_AreCut_WhateverWayTheirWarpsTake(int lanes)
    {
        string registers = $".reg .b32 %v<{Values}>; .reg .b32 %i; .reg .b32 %n; .reg .b32 %s; .reg .b32 %t; .reg .b64 %w<4>; .reg .pred %p; .reg .pred %q; .reg .pred %r; .shared .align 8 .b8 tile[1024];";
        BitForBit.Check(lanes, Body(seed: lanes), registers, input => { var bytes = new byte[16 * 256]; new Random(input).NextBytes(bytes); return bytes; }, threads: 96, seeds: 2);
    }

    /// <summary>
    /// A loop whose turns differ from warp to warp around long code, a barrier that some warps reach without that code, exchanges between lanes
    /// and warps, a short branch whose lanes part, and wide values that live across everything.
    /// </summary>
    private static string Body(int seed)
    {
        var random = new Random(seed);
        var body = new StringBuilder();
        for (int v = 0; v < Values; v++) body.AppendLine(v < 8 ? $"ld.global.b32 %v{v}, [%in+{v * 256}];" : $"xor.b32 %v{v}, %v{v % 8}, {random.Next()};");
        body.AppendLine("ld.global.b64 %w0, [%in+2048]; ld.global.b64 %w1, [%in+2304]; mov.u32 %i, 0; setp.eq.u32 %p, %warp, 1; @%p bra waits;");
        body.AppendLine("top:");
        Long(body, random, 800);
        body.AppendLine("and.b32 %t, %v1, 1; setp.eq.u32 %q, %t, 0; @%q bra even; add.u32 %v2, %v2, 77; mul.lo.u32 %v3, %v3, 5; ld.global.b32 %v4, [%in+512]; even:");
        body.AppendLine("shfl.sync.bfly.b32 %v5, %v5, 5, 31, -1; mad.lo.u64 %w0, %w0, 12345, %w1;");
        Long(body, random, 800);
        body.AppendLine("add.u32 %i, %i, 1; add.u32 %n, %warp, 2; setp.lt.u32 %r, %i, %n; @%r bra top;");
        body.AppendLine("waits: shl.b32 %t, %warp, 7; mov.u32 %s, tile; add.u32 %s, %s, %t; shl.b32 %t, %lane, 2; add.u32 %s, %s, %t; st.shared.b32 [%s], %v6;");
        body.AppendLine("bar.sync 0; mov.u32 %s, tile; add.u32 %s, %s, %t; ld.shared.b32 %v7, [%s]; ld.shared.b32 %v8, [%s+256]; @!%p bra rest;");
        Long(body, random, 1500);
        body.AppendLine("rest: bar.red.popc.u32 %v9, 0, %p; add.u32 %v9, %v9, %v7;");
        for (int v = 0; v < 14; v++) body.AppendLine($"xor.b32 %v{v}, %v{v}, %v{v + 10}; st.global.b32 [%out+{v * 256}], %v{v};");
        body.AppendLine("st.global.b64 [%out+3584], %w0; st.global.b64 [%out+3840], %w1;");
        return body.ToString();
    }

    private static void Long(StringBuilder body, Random random, int instructions)
    {
        for (int i = 0; i < instructions; i++)
        {
            (int d, int a, int b) = (random.Next(Values), random.Next(Values), random.Next(Values));
            body.AppendLine(random.Next(4) switch
            {
                0 => $"add.u32 %v{d}, %v{a}, %v{b};",
                1 => $"xor.b32 %v{d}, %v{a}, %v{b};",
                2 => $"mad.lo.u32 %v{d}, %v{a}, %v{b}, %v{d};",
                _ => $"shf.l.wrap.b32 %v{d}, %v{a}, %v{b}, {random.Next(1, 31)};",
            });
        }
    }
}
