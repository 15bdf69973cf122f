using System.Runtime.InteropServices;
using MmKernels.Compiler;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Tests.Programs;

namespace MmKernels.Tests;

/// <summary>
/// Random programs give the same bits as methods of .NET and as kernels on the interpreter and on the CPU device with vectors of each width.
/// MMK_PROGRAMS sets how many (300 on the interpreter and 60 on each CPU device without it), MMK_SEED the first seed. A failure is shrunk and printed.
/// </summary>
public class DifferentialTests
{
    private const int Batch = 100;

    private static readonly int[] ints = [0, 1, -1, 7, -8, 1000, int.MaxValue, int.MinValue];
    private static readonly float[] floats = [0f, 1f, -2.5f, 1e9f, -1e-3f, 3e38f, float.NaN, 255.5f];

    public static TheoryData<string> Devices() => ["interpreter", "cpu 4", "cpu 8", "cpu 16"];

    [Theory]
    [MemberData(nameof(Devices))]
    public void RandomProgram_GivesTheBitsOfDotNet(string device)
        => RunAll(device, seed => new Generator(seed).Next(), (_, program, device) => Compare(program, device));

    [Theory]
    [MemberData(nameof(Devices))]
    public void RandomProgramOfExchangingLanes_GivesTheBitsOfItsSimulation(string device)
        => RunAll(device, seed => new Generator(seed).NextOfLanes(), CompareLanes);

    private static Device Open(string name)
        => name == "interpreter" ? new InterpreterDevice() : new CpuDevice(new CpuOptions { Threads = 1, Lanes = int.Parse(name.AsSpan(4)) });

    private static void RunAll(string deviceName, Func<int, Sample> generate, Func<Sample, System.Type, Device, string?> compareOn)
    {
        using Device device = Open(deviceName);
        Func<Sample, System.Type, string?> compare = (sample, program) => compareOn(sample, program, device);
        int count = int.TryParse(Environment.GetEnvironmentVariable("MMK_PROGRAMS"), out int n) ? n : deviceName == "interpreter" ? 300 : 60;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("MMK_SEED"), out int s) ? s : 1;
        for (int first = 0; first < count; first += Batch)
        {
            Sample[] samples = [.. Enumerable.Range(seed + first, Math.Min(Batch, count - first)).Select(generate)];
            System.Type[] built = Assembler.Build(samples);
            for (int i = 0; i < samples.Length; i++)
            {
                if (Catch(samples[i], built[i], compare) is null) continue;
                Sample smallest = Shrink(samples[i], compare);
                Assert.Fail($"seed {seed + first + i}: {Catch(smallest, Assembler.Build([smallest])[0], compare)}\n{smallest}");
            }
        }
    }

    private static Sample Shrink(Sample sample, Func<Sample, System.Type, string?> compare)
    {
        for (int steps = 0; steps < 300; steps++)
        {
            Sample? next = Shrinker.Simpler(sample).FirstOrDefault(simpler => Catch(simpler, Assembler.Build([simpler])[0], compare) is not null);
            if (next is null) break;
            sample = next;
        }
        return sample;
    }

    private static string? Catch(Sample sample, System.Type program, Func<Sample, System.Type, string?> compare)
    {
        try
        {
            return compare(sample, program);
        }
        catch (MmkException e)
        {
            return e.Message;
        }
    }

    /// <summary>What differs, or null.</summary>
    private static string? Compare(System.Type program, Device device)
    {
        int threads = ints.Length;
        var host = program.GetMethod("Host")!.CreateDelegate<Func<int, float, int[], int[], long>>();
        int[] global = Counting(threads), locals = new int[threads * Assembler.ArrayLength];
        var expected = new long[threads];
        for (int t = 0; t < threads; t++)
        {
            int[] part = global[(t * Assembler.ArrayLength)..((t + 1) * Assembler.ArrayLength)], local = [.. Enumerable.Range(0, Assembler.ArrayLength)];
            expected[t] = host(ints[t], floats[t], part, local);
            part.CopyTo(global, t * Assembler.ArrayLength);
            local.CopyTo(locals, t * Assembler.ArrayLength);
        }
        CompiledKernel kernel = new KernelCompiler().Compile(program.GetMethod("Kernel")!, new CompileOptions(Contract: false));
        int[] actualGlobal = Counting(threads), actualLocals = new int[locals.Length];
        var actual = new long[threads];
        Execute(device, kernel, threads, ints, floats, actualGlobal, actualLocals, actual);
        string? difference = Difference(expected, actual, "result") ?? Difference(global, actualGlobal, "global") ?? Difference(locals, actualLocals, "local");
        return difference is null ? null : $"{difference}\n{kernel.Ptx}";
    }

    private static string? CompareLanes(Sample sample, System.Type program, Device device)
    {
        int[] inputs = [.. Enumerable.Range(0, Lanes.Threads).Select(t => t * t - 40 * t)], global = Counting(Lanes.Threads), actualGlobal = Counting(Lanes.Threads);
        var functions = new Func<int, float, int[], int[], int>[sample.Functions.Length];
        for (int f = 1; f < functions.Length; f++) functions[f] = program.GetMethod($"F{f}")!.CreateDelegate<Func<int, float, int[], int[], int>>();
        int[] expected = Lanes.Simulate(sample, functions, inputs, global), actual = new int[expected.Length];
        CompiledKernel kernel = new KernelCompiler().Compile(program.GetMethod("LaneKernel")!, new CompileOptions(Contract: false));
        Execute(device, kernel, Lanes.Threads, inputs, actualGlobal, actual);
        string? difference = Difference(expected, actual, "value") ?? Difference(global, actualGlobal, "global");
        return difference is null ? null : $"{difference}\n{kernel.Ptx}";
    }

    private static int[] Counting(int threads) => [.. Enumerable.Range(0, threads * Assembler.ArrayLength)];

    private static string? Difference<T>(T[] expected, T[] actual, string what) where T : IFormattable
    {
        for (int i = 0; i < expected.Length; i++)
            if (!expected[i].Equals(actual[i])) return $"{what} {i} is {actual[i]:x} instead of {expected[i]:x}";
        return null;
    }

    /// <summary>Runs the kernel with the arrays as its views and reads them back.</summary>
    private static void Execute(Device device, CompiledKernel kernel, int threads, params Array[] arrays)
    {
        var buffers = new DeviceBuffer[arrays.Length];
        var parameters = new ulong[2 * arrays.Length];
        for (int i = 0; i < arrays.Length; i++)
        {
            buffers[i] = device.Allocate(Bytes(arrays[i]).Length);
            device.Write(buffers[i], 0, Bytes(arrays[i]));
            parameters[2 * i] = buffers[i].Address;
            parameters[2 * i + 1] = (ulong)arrays[i].Length;
        }
        using DeviceModule module = device.Load(kernel.Ptx);
        device.Launch(module.GetKernel(kernel.Name), new Dim3(1), new Dim3(threads), 0, MemoryMarshal.AsBytes(parameters.AsSpan()));
        device.Synchronize();
        for (int i = 0; i < arrays.Length; i++)
        {
            device.Read(buffers[i], 0, Bytes(arrays[i]));
            buffers[i].Dispose();
        }
    }

    private static Span<byte> Bytes(Array array) => array switch
    {
        int[] a => MemoryMarshal.AsBytes(a.AsSpan()),
        long[] a => MemoryMarshal.AsBytes(a.AsSpan()),
        _ => MemoryMarshal.AsBytes(((float[])array).AsSpan()),
    };
}
