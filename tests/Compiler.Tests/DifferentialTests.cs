using System.Reflection;
using System.Runtime.InteropServices;
using MmKernels.Compiler;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Tests.Programs;

namespace MmKernels.Tests;

/// <summary>
/// Random programs give the same bits as methods of .NET and as kernels on the interpreter. MMK_PROGRAMS sets how many (500 without it),
/// MMK_SEED the first seed. A failure is shrunk and printed.
/// </summary>
public class DifferentialTests
{
    private const int Batch = 100;

    private static readonly int[] ints = [0, 1, -1, 7, -8, 1000, int.MaxValue, int.MinValue];
    private static readonly float[] floats = [0f, 1f, -2.5f, 1e9f, -1e-3f, 3e38f, float.NaN, 255.5f];

    [Fact]
    public void RandomProgram_GivesTheBitsOfDotNet()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("MMK_PROGRAMS"), out int n) ? n : 500;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("MMK_SEED"), out int s) ? s : 1;
        for (int first = 0; first < count; first += Batch)
        {
            Sample[] samples = [.. Enumerable.Range(seed + first, Math.Min(Batch, count - first)).Select(k => new Generator(k).Next())];
            (MethodInfo Host, MethodInfo Kernel)[] built = Assembler.Build(samples);
            for (int i = 0; i < samples.Length; i++)
            {
                if (Run(built[i]) is null) continue;
                Sample smallest = Shrink(samples[i]);
                Assert.Fail($"seed {seed + first + i}: {Run(Assembler.Build([smallest])[0])}\n{smallest}");
            }
        }
    }

    private static Sample Shrink(Sample sample)
    {
        for (int steps = 0; steps < 300; steps++)
        {
            Sample? next = Shrinker.Simpler(sample).FirstOrDefault(simpler => Run(Assembler.Build([simpler])[0]) is not null);
            if (next is null) break;
            sample = next;
        }
        return sample;
    }

    /// <summary>What differs, or null.</summary>
    private static string? Run((MethodInfo Host, MethodInfo Kernel) program)
    {
        var host = program.Host.CreateDelegate<Func<int, float, long>>();
        long[] expected = [.. ints.Select((x, i) => host(x, floats[i]))];
        string ptx = "";
        try
        {
            CompiledKernel kernel = new KernelCompiler().Compile(program.Kernel, new CompileOptions(Contract: false));
            ptx = kernel.Ptx;
            long[] actual = Execute(kernel);
            for (int i = 0; i < ints.Length; i++)
                if (actual[i] != expected[i]) return $"({ints[i]}, {floats[i]:R}) gives {actual[i]:x} instead of {expected[i]:x}\n{ptx}";
            return null;
        }
        catch (MmkException e)
        {
            return $"{e.Message}\n{ptx}";
        }
    }

    private static long[] Execute(CompiledKernel kernel)
    {
        using var device = new InterpreterDevice();
        using DeviceBuffer x = device.Allocate(4 * ints.Length), z = device.Allocate(4 * ints.Length), y = device.Allocate(8 * ints.Length);
        device.Write(x, 0, MemoryMarshal.AsBytes(ints.AsSpan()));
        device.Write(z, 0, MemoryMarshal.AsBytes(floats.AsSpan()));
        ulong length = (ulong)ints.Length;
        ulong[] parameters = [x.Address, length, z.Address, length, y.Address, length];
        using DeviceModule module = device.Load(kernel.Ptx);
        device.Launch(module.GetKernel(kernel.Name), new Dim3(1), new Dim3(ints.Length), 0, MemoryMarshal.AsBytes(parameters.AsSpan()));
        device.Synchronize();
        var result = new long[ints.Length];
        device.Read(y, 0, MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }
}
