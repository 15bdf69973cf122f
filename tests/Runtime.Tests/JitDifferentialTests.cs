using System.Runtime.InteropServices;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>Random programs give the same bits on the interpreter and on the CPU device, for every vector width.</summary>
public class JitDifferentialTests
{
    private const int SeedsPerTest = 60;

    public static TheoryData<int, int> Ranges()
    {
        var data = new TheoryData<int, int>();
        foreach (int lanes in new[] { 16, 8, 4 })
            for (int first = 0; first < 4; first++) data.Add(lanes, first * SeedsPerTest);
        return data;
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void RandomPrograms_GiveTheInterpretersBits(int lanes, int firstSeed)
    {
        using var cpu = new CpuDevice(new CpuOptions { Lanes = lanes, Threads = 1 });
        using var interpreter = new InterpreterDevice();
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            string? difference = Compare(cpu, interpreter, seed);
            Assert.True(difference is null, difference);
        }
    }

    /// <summary>Null where both devices agree, else the first difference and the program.</summary>
    internal static string? Compare(Device cpu, Device interpreter, int seed)
    {
        var program = new JitRandomProgram(seed);
        uint[] expected = Run(interpreter, program, seed, out _), got = Run(cpu, program, seed, out string executedBy);
        if (executedBy.StartsWith("interpreter", StringComparison.Ordinal)) return $"seed {seed}: {executedBy}\n{program.Ptx}";
        int at = expected.AsSpan().CommonPrefixLength(got), registers = (int)(program.Grid.Count * program.Block.Count) * JitRandomProgram.Words;
        if (at == expected.Length) return null;
        if (at >= registers) return $"seed {seed}, block {program.Block}, byte {4 * (at - registers)} of scratch: {got[at]:X8} where the interpreter has {expected[at]:X8}\n{program.Ptx}";
        int thread = at / JitRandomProgram.Words, word = at % JitRandomProgram.Words;
        return $"seed {seed}, block {program.Block}, thread {thread}, word {word}: {got[at]:X8} where the interpreter has {expected[at]:X8}\n{program.Ptx}";
    }

    private static uint[] Run(Device device, JitRandomProgram program, int seed, out string executedBy)
    {
        int threads = (int)(program.Grid.Count * program.Block.Count);
        var input = new uint[threads * JitRandomProgram.Inputs];
        var random = new Random(seed);
        for (int i = 0; i < input.Length; i++)
        {
            // Integers of all sizes in the first half of a thread's words, floats in the second.
            input[i] = (i & 4) == 0 ? (uint)random.NextInt64() >> random.Next(32) : BitConverter.SingleToUInt32Bits((float)Math.ScaleB(random.NextDouble() - 0.5, random.Next(-20, 20)));
            if (random.Next(50) == 0) input[i] = random.Next(4) switch { 0 => 0x7FC00000, 1 => 0x80000000, 2 => 0xFF800000, _ => 0x00000123 };
        }
        using DeviceModule module = device.Load(program.Ptx);
        DeviceKernel kernel = module.GetKernel("k");
        using DeviceBuffer from = device.Allocate(input.Length * 4), to = device.Allocate((long)threads * JitRandomProgram.Words * 4), scratch = device.Allocate((program.ScratchBytes + 3) / 4 * 4);
        device.Write(from, 0, MemoryMarshal.AsBytes(input.AsSpan()));
        device.Fill(scratch, 0, scratch.Bytes, 0x5C);
        var parameters = new byte[24];
        BitConverter.TryWriteBytes(parameters, from.Address);
        BitConverter.TryWriteBytes(parameters.AsSpan(8), to.Address);
        BitConverter.TryWriteBytes(parameters.AsSpan(16), scratch.Address);
        device.Launch(kernel, program.Grid, program.Block, 0, parameters);
        var output = new uint[threads * JitRandomProgram.Words + scratch.Bytes / 4];
        device.Read(to, 0, MemoryMarshal.AsBytes(output.AsSpan(0, threads * JitRandomProgram.Words)));
        device.Read(scratch, 0, MemoryMarshal.AsBytes(output.AsSpan(threads * JitRandomProgram.Words)));
        executedBy = kernel.ExecutedBy;
        return output;
    }
}
