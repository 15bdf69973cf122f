using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

public class JitConstantTests
{
    /// <summary>A compiler fault once made MaxNumber(3, -0.0) zero where the second operand was a visible constant.</summary>
    [Theory]
    [InlineData("min.f32 %f2, %f1, 0f80000000;")]
    [InlineData("max.f32 %f2, %f1, 0f80000000;")]
    [InlineData("min.f32 %f2, 0f00000000, %f1;")]
    [InlineData("max.f32 %f2, 0f00000000, %f1;")]
    [InlineData("max.ftz.f32 %f2, %f1, 0f80000000;")]
    [InlineData("cvt.f64.f32 %fd1, %f1; max.f64 %fd1, %fd1, 0d8000000000000000; cvt.rn.f32.f64 %f2, %fd1;")]
    [InlineData("cvt.f64.f32 %fd1, %f1; min.f64 %fd1, %fd1, 0d8000000000000000; cvt.rn.f32.f64 %f2, %fd1;")]
    public void MinMax_WithAZeroConstant_KeepValueAndSign(string body) => Same(body);

    [Theory]
    [InlineData("setp.gt.f32 %p1, %f1, 0f00000000; selp.b16 %rs1, -5536, 7, %p1; cvt.u32.u16 %r2, %rs1; mov.b32 %f2, %r2;")]
    [InlineData("setp.gt.f32 %p1, %f1, 0f00000000; mov.u16 %rs1, 7; @%p1 mov.u16 %rs1, -3; shr.u16 %rs1, %rs1, 1; mov.b32 %f2, {%rs1, -1};")]
    public void NegativeConstant_InASixteenBitRegister_HasZerosAbove(string body) => Same(body);

    private static void Same(string body)
    {
        using var cpu = new CpuDevice(new CpuOptions { Threads = 1 });
        using var interpreter = new InterpreterDevice();
        Assert.Equal(Run(interpreter, body), Run(cpu, body));
    }

    private static uint[] Run(Device device, string body)
    {
        using DeviceModule module = device.Load($$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry k(.param .u64 data) .reqntid 32
            {
            .reg .pred %p<2>; .reg .b16 %rs<2>; .reg .b32 %r<3>; .reg .f32 %f<3>; .reg .f64 %fd<2>; .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [data]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd2, %r1, 4; add.u64 %rd1, %rd1, %rd2;
            ld.global.f32 %f1, [%rd1];
            {{body}}
            st.global.f32 [%rd1], %f2;
            ret;
            }
            """);
        float[] values = [3f, -5f, 0f, -0f, float.PositiveInfinity, float.NegativeInfinity, 1e-40f, -1e-40f];
        float[] data = [.. Enumerable.Range(0, 32).Select(i => values[i % values.Length])];
        using DeviceBuffer buffer = device.Allocate(128);
        device.Write(buffer, 0, MemoryMarshal.AsBytes(data.AsSpan()));
        device.Launch(module.GetKernel("k"), 1, 32, 0, BitConverter.GetBytes(buffer.Address));
        var got = new uint[32];
        device.Read(buffer, 0, MemoryMarshal.AsBytes(got.AsSpan()));
        return got;
    }
}
