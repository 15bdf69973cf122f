using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Runs a kernel's body on the CPU device and on the interpreter.</summary>
internal static class BitForBit
{
    public const int Lanes = 32;
    private const ulong Untouched = 0xA5A5A5A5A5A5A5A5;

    /// <summary>
    /// Fails where the devices' outputs differ in a bit. Register %in points to a 64-bit word of the input for each lane, the next such row lies 256 bytes
    /// behind, %out to rows of the output, 16 of each warp.
    /// </summary>
    /// <param name="input">The input of a seed.</param>
    public static void Check(int lanes, string body, string registers, Func<int, byte[]> input, int threads = Lanes, int seeds = 8)
    {
        string ptx = $$"""
            .version 8.0
            .target sm_90
            .address_size 64
            .visible .entry k(.param .u64 input, .param .u64 output)
            {
                .reg .b64 %in; .reg .b64 %out; .reg .b64 %at; .reg .b32 %lane; .reg .b32 %warp; .reg .b32 %thread;
                {{registers}}
                ld.param.u64 %in, [input];
                ld.param.u64 %out, [output];
                mov.u32 %lane, %laneid;
                mul.wide.u32 %at, %lane, 8;
                add.s64 %in, %in, %at;
                add.s64 %out, %out, %at;
                mov.u32 %thread, %tid.x;
                shr.u32 %warp, %thread, 5;
                mul.wide.u32 %at, %warp, 4096;
                add.s64 %out, %out, %at;
                {{body}}
                ret;
            }
            """;
        using var cpu = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 1 });
        using var interpreter = new InterpreterDevice();
        using DeviceModule module = cpu.Load(ptx), reference = interpreter.Load(ptx);
        DeviceKernel kernel = module.GetKernel("k");
        for (int seed = 0; seed < seeds; seed++)
        {
            ulong[] expected = Run(interpreter, reference.GetKernel("k"), input(seed), threads), got = Run(cpu, kernel, input(seed), threads);
            int at = expected.AsSpan().CommonPrefixLength(got);
            Assert.True(at == expected.Length, at == expected.Length ? "" : $"seed {seed}, register {at / Lanes}, lane {at % Lanes}: {got[at]:X} where the interpreter has {expected[at]:X}");
            Assert.Contains(expected, word => word != Untouched);
        }
        Assert.StartsWith("SIMD code", kernel.ExecutedBy);
        Assert.DoesNotContain("too large", kernel.ExecutedBy);
    }

    private static ulong[] Run(Device device, DeviceKernel kernel, byte[] input, int threads)
    {
        var output = new ulong[threads * 16];
        using DeviceBuffer from = device.Allocate(2 * input.Length), to = device.Allocate(output.Length * 8);
        device.Write(from, 0, input);
        device.Fill(to, 0, to.Bytes, unchecked((byte)Untouched));
        var parameters = new byte[16];
        BitConverter.TryWriteBytes(parameters, from.Address);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), to.Address);
        device.Launch(kernel, 1, threads, 0, parameters);
        device.Read(to, 0, MemoryMarshal.AsBytes(output.AsSpan()));
        return output;
    }
}
