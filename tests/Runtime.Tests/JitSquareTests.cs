using System.Runtime.InteropServices;
using System.Text;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;

namespace MmKernels.Tests;

/// <summary>Threads that each write a row of words, column after column: the shape that the JIT turns in registers, and shapes close to it.</summary>
public sealed class JitSquareTests
{
    private const int Threads = 64, Columns = 16;

    public static TheoryData<int, int, string> Rows()
    {
        var rows = new TheoryData<int, int, string>();
        foreach (int lanes in new[] { 4, 8, 16 })
            foreach (string form in new[] { "ascending", "descending", "last twice", "guarded", "divergent" })
                foreach (int stride in new[] { 64, 68, 256, 260 }) rows.Add(lanes, stride, form);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void RowPerThread_IsWrittenWordByWord(int lanes, int stride, string form)
    {
        using var device = new CpuDevice(new CpuOptions { Threads = 1, Lanes = lanes });
        using DeviceModule module = device.Load(Text(stride, form));
        using DeviceBuffer output = device.Allocate(Threads * stride);
        device.Fill(output, 0, output.Bytes, 0xFF);
        device.Launch(module.GetKernel("k"), 1, Threads, 0, BitConverter.GetBytes(output.Address));
        var words = new int[Threads * stride / 4];
        device.Read(output, 0, MemoryMarshal.AsBytes(words.AsSpan()));

        var expected = new int[words.Length];
        Array.Fill(expected, -1);
        for (int thread = 0; thread < Threads; thread++)
            for (int column = 0; column < Columns; column++)
                if (thread < 37 || form is not ("guarded" or "divergent")) expected[thread * stride / 4 + column] = thread * 100 + (form == "last twice" && column == Columns - 1 ? 0 : column);
        Assert.Equal(expected, words);
    }

    private static string Text(int stride, string form)
    {
        var body = new StringBuilder();
        IEnumerable<int> columns = Enumerable.Range(0, Columns);
        foreach (int column in columns) body.AppendLine($"add.s32 %v{column}, %r1, {column};");
        if (form == "divergent") body.AppendLine("@%p1 bra OVER;");
        foreach (int column in form == "descending" ? columns.Reverse() : columns) body.AppendLine($"{(form == "guarded" ? "@!%p1 " : "")}st.global.u32 [%rd1+{4 * column}], %v{column};");
        if (form == "last twice") body.AppendLine($"st.global.u32 [%rd1+{4 * (Columns - 1)}], %v0;");
        return $$"""
            .version 7.8
            .target sm_80
            .address_size 64
            .visible .entry k(.param .u64 output)
            {
                .reg .b32 %r<4>;
                .reg .b32 %v<{{Columns}}>;
                .reg .b64 %rd<4>;
                .reg .pred %p<2>;
                ld.param.u64 %rd0, [output];
                mov.u32 %r0, %tid.x;
                mul.wide.u32 %rd1, %r0, {{stride}};
                add.s64 %rd1, %rd0, %rd1;
                mul.lo.s32 %r1, %r0, 100;
                setp.ge.u32 %p1, %r0, 37;
                {{body}}
            OVER:
                ret;
            }
            """;
    }
}
