using System.Runtime.InteropServices;
using System.Text;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Matrix instructions and asynchronous copies give the interpreter's bits on the CPU device, for every vector width.</summary>
public class JitMatrixTests
{
    private const int Lanes = BitForBit.Lanes;

    /// <summary>Vector width, shape and types as written, registers of A, B and C.</summary>
    public static TheoryData<int, string, int, int, int> Products()
    {
        var data = new TheoryData<int, string, int, int, int>();
        foreach (int lanes in new[] { 16, 8, 4 })
        {
            foreach (string k in new[] { "k8", "k16" })
            {
                int runs = k == "k8" ? 1 : 2;
                data.Add(lanes, $"m16n8{k}.row.col.f32.bf16.bf16.f32", 2 * runs, runs, 4);
                data.Add(lanes, $"m16n8{k}.row.col.f32.f16.f16.f32", 2 * runs, runs, 4);
                data.Add(lanes, $"m16n8{k}.row.col.f16.f16.f16.f16", 2 * runs, runs, 2);
            }
            data.Add(lanes, "m16n8k4.row.col.f32.tf32.tf32.f32", 2, 1, 4);
            data.Add(lanes, "m16n8k8.row.col.f32.tf32.tf32.f32", 4, 2, 4);
            data.Add(lanes, "m8n8k4.row.col.f64.f64.f64.f64", 1, 1, 2);
            data.Add(lanes, "m16n8k32.row.col.satfinite.s32.s8.u8.s32", 4, 2, 4);
            data.Add(lanes, "m16n8k16.row.col.s32.s8.s8.s32", 2, 1, 4);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Products_GiveTheInterpretersBits(int lanes, string form, int a, int b, int c)
    {
        string type = form.Contains("f64") ? "b64" : "b32";
        string fragments = List("r", a + b + c), sources = $"{{{List("r", a)}}}, {{{List("r", b, a)}}}, {{{List("r", c, a + b)}}}";
        var body = new StringBuilder();
        for (int r = 0; r < a + b + c; r++) body.AppendLine($"ld.global.{type} %r{r}, [%in+{r * Lanes * 8}];");
        body.AppendLine($"mma.sync.aligned.{form} {{{List("d", c)}}}, {sources};");
        for (int r = 0; r < c; r++) body.AppendLine($"st.global.{type} [%out+{r * Lanes * 8}], %d{r};");
        BitForBit.Check(lanes, body.ToString(), $".reg .{type} %r<{a + b + c}>; .reg .{type} %d<{c}>;", seed => Fragments(seed, form));
    }

    /// <summary>What generated code keeps between products must be forgotten when registers change, and kept apart by type.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void LoopsOfProducts_AcrossBarriers_GiveTheInterpretersBits(int lanes)
    {
        const string Body = """
            ld.global.b32 %r0, [%in]; ld.global.b32 %r1, [%in+256]; ld.global.b32 %r2, [%in+512]; ld.global.b32 %r3, [%in+768];
            ld.global.b32 %r4, [%in+1024]; ld.global.b32 %r5, [%in+1280];
            mov.b32 %d0, 0f3F800000; mov.b32 %d1, 0f00000000; mov.b32 %d2, 0f80000000; mov.b32 %d3, 0f40000000;
            mov.u32 %i, 0;
            top:
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%d0,%d1,%d2,%d3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {%d0,%d1,%d2,%d3};
            mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%e0,%e1,%e2,%e3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {%d3,%d2,%d1,%d0};
            bar.sync 0;
            xor.b32 %r4, %r4, 0x00010000;
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%d0,%d1,%d2,%d3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {%e0,%e1,%e2,%e3};
            xor.b32 %r0, %r0, 0x80000001;
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%d1,%d0,%d3,%d2}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {%d0,%d1,%d2,%d3};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%d0,%d1,%d2,%d3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {0f3F800000,%d1,%d2,%d3};
            add.u32 %i, %i, 1;
            setp.lt.u32 %p, %i, 3;
            @%p bra top;
            st.global.b32 [%out], %d0; st.global.b32 [%out+256], %d1; st.global.b32 [%out+512], %d2; st.global.b32 [%out+768], %d3;
            """;
        const string Registers = ".reg .b32 %r<6>; .reg .f32 %d<4>; .reg .f32 %e<4>; .reg .b32 %i; .reg .pred %p;";
        foreach (int threads in new[] { 32, 96 })
            BitForBit.Check(lanes, Body, Registers, seed => Fragments(seed, seed % 2 == 0 ? "bf16" : "f16"), threads);
    }

    /// <summary>Accumulators that some lanes set on their own way before the warp meets.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void AccumulatorsWrittenUnderMasks_KeepTheOtherLanes(int lanes)
    {
        const string Body = """
            ld.global.b32 %r0, [%in]; ld.global.b32 %r1, [%in+256]; ld.global.b32 %r2, [%in+512]; ld.global.b32 %r3, [%in+768];
            ld.global.b32 %r4, [%in+1024]; ld.global.b32 %r5, [%in+1280];
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%d0,%d1,%d2,%d3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {0f00000000,0f3F800000,0f00000000,0f3F800000};
            mov.u32 %i, %tid.x;
            and.b32 %i, %i, 5;
            setp.eq.u32 %p, %i, 4;
            @%p bra skip;
            mov.b32 %d0, 0f40400000;
            ld.global.f32 %d1, [%in+1536];
            add.f32 %d2, %d2, %d3;
            skip:
            @%p add.f32 %d3, %d3, 0f3F800000;
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%d0,%d1,%d2,%d3}, {%r0,%r1,%r2,%r3}, {%r4,%r5}, {%d0,%d1,%d2,%d3};
            st.global.b32 [%out], %d0; st.global.b32 [%out+256], %d1; st.global.b32 [%out+512], %d2; st.global.b32 [%out+768], %d3;
            """;
        BitForBit.Check(lanes, Body, ".reg .b32 %r<6>; .reg .f32 %d<4>; .reg .b32 %i; .reg .pred %p;", seed => Fragments(seed, "bf16"));
    }

    public static TheoryData<int, int, string> MatrixMoves()
    {
        var data = new TheoryData<int, int, string>();
        foreach (int lanes in new[] { 16, 8, 4 })
            foreach (int count in new[] { 1, 2, 4 })
                foreach (string transposed in new[] { "", ".trans" }) data.Add(lanes, count, transposed);
        return data;
    }

    /// <summary>Rows in an order that is no run of addresses; ldmatrix and stmatrix with each other.</summary>
    [Theory]
    [MemberData(nameof(MatrixMoves))]
    public void MatrixMoves_GiveTheInterpretersBits(int lanes, int count, string transposed)
    {
        string registers = $"{{{List("r", count)}}}";
        string body = $"""
            mov.u32 %i, %tid.x;
            mad.lo.u32 %a, %i, 5, 3;
            and.b32 %a, %a, 31;
            shl.b32 %a, %a, 4;
            mov.u32 %s, tile;
            add.u32 %a, %s, %a;
            shl.b32 %j, %i, 4;
            add.u32 %j, %s, %j;
            ld.global.b64 %x, [%in]; ld.global.b64 %y, [%in+256];
            st.shared.b64 [%j], %x; st.shared.b64 [%j+8], %y;
            bar.sync 0;
            ldmatrix.sync.aligned.m8n8.x{count}{transposed}.shared.b16 {registers}, [%a];
            bar.sync 0;
            stmatrix.sync.aligned.m8n8.x{count}{transposed}.shared.b16 [%j], {registers};
            bar.sync 0;
            {string.Concat(Enumerable.Range(0, count).Select(r => $"st.global.b32 [%out+{r * 256}], %r{r};\n"))}
            ld.shared.b64 %x, [%j]; ld.shared.b64 %y, [%j+8];
            st.global.b64 [%out+1024], %x; st.global.b64 [%out+1280], %y;
            """;
        BitForBit.Check(lanes, body, ".reg .b32 %i; .reg .b32 %j; .reg .b32 %a; .reg .b32 %s; .reg .b64 %x; .reg .b64 %y; .reg .b32 %r<4>; .shared .align 16 .b8 tile[512];", seed => Fragments(seed, "s8"));
    }

    public static TheoryData<int, int, string> Copies()
    {
        var data = new TheoryData<int, int, string>();
        foreach (int lanes in new[] { 16, 8, 4 })
            foreach (int bytes in new[] { 4, 8, 16 })
                foreach (string size in new[] { "", ", 0", $", {bytes / 2}", $", {bytes}", ", %z", ", %p" }) data.Add(lanes, bytes, size);
        return data;
    }

    /// <summary>Copies of every size to scattered places, some of them cut short, by the lanes of an odd mask too.</summary>
    [Theory]
    [MemberData(nameof(Copies))]
    public void AsynchronousCopies_GiveTheInterpretersBits(int lanes, int bytes, string size)
    {
        string form = bytes == 16 ? "cg" : "ca";
        string body = $"""
            mov.u32 %i, %tid.x;
            mov.u32 %s, tile;
            shl.b32 %j, %i, 4;
            add.u32 %j, %s, %j;
            ld.global.b64 %x, [%in+512];
            st.shared.b64 [%j], %x; st.shared.b64 [%j+8], %x; st.shared.b64 [%j+512], %x;
            bar.sync 0;
            xor.b32 %a, %i, 11;
            shl.b32 %a, %a, 4;
            add.u32 %a, %s, %a;
            ld.global.b32 %z, [%in];
            and.b32 %z, %z, {bytes - 1};
            and.b32 %k, %z, 1;
            setp.eq.u32 %p, %k, 0;
            @%p mov.u32 %z, {bytes};
            setp.eq.u32 %q, %i, 7;
            @%q mov.u32 %z, 0x80000000;
            mul.wide.u32 %y, %i, 8;
            add.u64 %y, %in, %y;
            cp.async.{form}.shared.global [%a], [%y], {bytes}{size};
            @%p cp.async.{form}.shared.global [%a+512], [%y+256], {bytes}{size};
            cp.async.commit_group;
            cp.async.wait_group 0;
            bar.sync 0;
            ld.shared.b64 %x, [%j]; st.global.b64 [%out], %x;
            ld.shared.b64 %x, [%j+8]; st.global.b64 [%out+256], %x;
            @%p ld.shared.b64 %x, [%a+512]; st.global.b64 [%out+512], %x;
            """;
        BitForBit.Check(lanes, body, ".reg .b32 %i; .reg .b32 %j; .reg .b32 %k; .reg .b32 %a; .reg .b32 %s; .reg .b32 %z; .reg .b64 %x; .reg .b64 %y; .reg .pred %p; .reg .pred %q; .shared .align 16 .b8 tile[1024];", seed => Fragments(seed, "s8"));
    }

    /// <summary>Vector width, layouts, shape and types of A and B and of C, with the registers of A, B and C.</summary>
    public static TheoryData<int, string, string, string, string, int[]> Fragmented()
    {
        var data = new TheoryData<int, string, string, string, string, int[]>();
        foreach (int lanes in new[] { 16, 8, 4 })
            foreach (string layouts in new[] { "row.col", "col.row" })
            {
                data.Add(lanes, layouts, "m16n16k16", "f16", "f32", [8, 8, 8]);
                data.Add(lanes, layouts, "m16n16k16", "f16", "f16", [8, 8, 4]);
                data.Add(lanes, layouts, "m32n8k16", "f16", "f32", [8, 8, 8]);
                data.Add(lanes, layouts, "m8n32k16", "bf16", "f32", [2, 8, 8]);
                data.Add(lanes, layouts, "m16n16k8", "tf32", "f32", [4, 4, 8]);
                data.Add(lanes, layouts, "m16n16k16", "s8", "s32", [2, 2, 8]);
            }
        return data;
    }

    [Theory]
    [MemberData(nameof(Fragmented))]
    public void FragmentProducts_GiveTheInterpretersBits(int lanes, string layouts, string shape, string type, string sums, int[] counts)
    {
        (string a, string b, string c) = ($"{{{List("a", counts[0])}}}", $"{{{List("b", counts[1])}}}", $"{{{List("c", counts[2])}}}");
        string[] layout = layouts.Split('.');
        string types = type == "f16" ? $"{sums}.{sums}" : $"{sums}.{type}.{type}.{sums}", element = sums == "f16" || sums == "s32" ? "b32" : sums;
        string body = $"""
            ld.param.u64 %from, [input];
            ld.param.u64 %to, [output];
            mul.wide.u32 %x, %warp, 4096;
            add.u64 %to, %to, %x;
            mov.u32 %n, 40;
            wmma.load.a.sync.aligned.{layout[0]}.{shape}.global.{type} {a}, [%from], %n;
            wmma.load.b.sync.aligned.{layout[1]}.{shape}.global.{type} {b}, [%from+256], %n;
            wmma.load.c.sync.aligned.row.{shape}.global.{sums} {c}, [%from+1536];
            wmma.mma.sync.aligned.{layouts}.{shape}.{types} {c}, {a}, {b}, {c};
            wmma.mma.sync.aligned.{layouts}.{shape}.{types} {c}, {a}, {b}, {c};
            bar.sync 0;
            wmma.store.d.sync.aligned.{layout[1]}.{shape}.global.{sums} [%to], {c}, 32;
            """;
        BitForBit.Check(lanes, body, $".reg .b32 %a<8>; .reg .b32 %b<8>; .reg .{element} %c<8>; .reg .b32 %n; .reg .b64 %from; .reg .b64 %to; .reg .b64 %x;", seed => Fragments(seed, type == "tf32" ? "tf32" : type), threads: 64);
    }

    private static string List(string name, int count, int first = 0) => string.Join(", ", Enumerable.Range(first, count).Select(i => $"%{name}{i}"));

    /// <summary>Random bits of a type with zeros, infinities, NaN, subnormals and numbers near each other among them; each lane has 64 bits per register.</summary>
    private static byte[] Fragments(int seed, string form)
    {
        var random = new Random(seed);
        var words = new ulong[16 * Lanes];
        bool half = form.Contains("f16") && !form.Contains("bf16"), brain = form.Contains("bf16"), wide = form.Contains("f64");
        for (int i = 0; i < words.Length; i++)
        {
            if (half || brain) words[i] = Narrow() | (ulong)Narrow() << 16;
            else if (wide) words[i] = BitConverter.DoubleToUInt64Bits(random.NextDouble() - 0.5);
            else if (form.Contains("tf32")) words[i] = Single();
            else words[i] = (ulong)random.NextInt64();
            // Where sums of f32 lie among the fragments, the bits of halves are as good as any.
            if ((half || brain) && i / Lanes >= 6 && seed % 4 != 3) words[i] = Single();
        }
        return MemoryMarshal.AsBytes(words.AsSpan()).ToArray();

        bool Rare() => seed % 2 == 1 && random.Next(40) == 0;

        ushort Narrow()
        {
            if (Rare()) return (ushort)random.Next(65536);
            if (Rare()) return half ? random.GetItems<ushort>([0x7C00, 0xFC00, 0x7E01, 0x0001, 0x83FF, 0x7BFF], 1)[0] : random.GetItems<ushort>([0x7F80, 0xFF80, 0x7FC1, 0x0001, 0x807F, 0x7F7F], 1)[0];
            float value = (float)Math.ScaleB(random.NextDouble() - 0.5, random.Next(-6, 6));
            return half ? BitConverter.HalfToUInt16Bits((Half)value) : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        }

        uint Single()
        {
            if (Rare()) return random.GetItems<uint>([0x7F800000, 0xFF800000, 0x7FC00123, 0xFFFFFFFF, 0x00000001, 0x807FFFFF, 0x7F7FFFFF, 0x80000000], 1)[0];
            return BitConverter.SingleToUInt32Bits((float)Math.ScaleB(random.NextDouble() - 0.5, random.Next(-6, 6)));
        }
    }
}
