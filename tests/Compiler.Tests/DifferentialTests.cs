using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using MmKernels.Compiler;
using MmKernels.Dialect;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Tests.Programs;

namespace MmKernels.Tests;

/// <summary>
/// Random programs give the same bits as methods of .NET and as kernels: on the interpreter and on the CPU device with vectors of 4, 8 and 16 lanes.
/// MMK_PROGRAMS sets how many of each kind, MMK_SEED the seed of FsCheck. A failure is shrunk and printed as C# and PTX.
/// </summary>
public sealed class DifferentialTests : IDisposable
{
    /// <summary>Programs that share an assembly and are one test of FsCheck.</summary>
    private const int BatchSize = 25;

    private const int DefaultPrograms = 300;

    private static readonly int[] ints = [0, 1, -1, 7, -8, 1000, int.MaxValue, int.MinValue];
    private static readonly float[] floats = [0f, 1f, -2.5f, 1e9f, -1e-3f, 3e38f, float.NaN, 255.5f];

    private readonly (string Name, Device Device)[] devices =
    [
        ("interpreter", new InterpreterDevice()), .. new[] { 4, 8, 16 }.Select(lanes => ($"{lanes} lanes", (Device)new CpuDevice(new CpuOptions { Threads = 1, Lanes = lanes }))),
    ];

    static DifferentialTests() => KernelCompiler.Verify = true;

    public void Dispose()
    {
        foreach ((_, Device device) in devices) device.Dispose();
    }

    [Fact]
    public void RandomProgram_GivesTheBitsOfDotNetOnEveryDevice() => Run(Generator.OfThreads(), Compare);

    [Fact]
    public void RandomProgramOfExchangingLanes_GivesTheBitsOfItsSimulationOnEveryDevice() => Run(Generator.OfLanes(), CompareLanes);

    /// <summary>Programs that are tested together; printed where one is left.</summary>
    private sealed record Batch(Sample[] Samples)
    {
        public override string ToString() => Samples.Length == 1 ? $"\n{Samples[0]}" : $"{Samples.Length} programs";
    }

    private static void Run(Gen<Sample> programs, Action<Sample, System.Type> compare)
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("MMK_PROGRAMS"), out int n) ? n : DefaultPrograms;
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable("MMK_SEED"), out ulong s) ? s : 1;
        Config config = Config.QuickThrowOnFailure.WithMaxTest((count + BatchSize - 1) / BatchSize).WithStartSize(1).WithEndSize(100)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None)));
        Arbitrary<Batch> batches = Arb.From(programs.ArrayOf(BatchSize).Select(samples => new Batch(samples)), Simpler);
        Check.One(config, Prop.ForAll(batches, batch =>
        {
            System.Type[] built = Assembler.Build(batch.Samples);
            for (int i = 0; i < built.Length; i++) compare(batch.Samples[i], built[i]);
        }));
    }

    private static IEnumerable<Batch> Simpler(Batch batch) => batch.Samples.Length > 1
        ? batch.Samples.Select(sample => new Batch([sample]))
        : Shrinker.Simpler(batch.Samples[0]).Select(sample => new Batch([sample]));

    private void Compare(Sample sample, System.Type program)
    {
        int threads = ints.Length;
        HostFunction host = HostFunctions.Of(program, 1)[0];
        Array[] globals = [.. Arrays.Globals.Select(g => Arrays.Counting(Arrays.All[g].Type, threads * Arrays.Length))];
        var expected = new long[threads];
        for (int t = 0; t < threads; t++)
        {
            Array[] arrays = [.. Arrays.All.Select(a => Arrays.Counting(a.Type, Arrays.Length))];
            for (int g = 0; g < globals.Length; g++) Array.Copy(globals[g], t * Arrays.Length, arrays[Arrays.Globals[g]], 0, Arrays.Length);
            expected[t] = host(ints[t], floats[t], arrays);
            for (int g = 0; g < globals.Length; g++) Array.Copy(arrays[Arrays.Globals[g]], 0, globals[g], t * Arrays.Length, Arrays.Length);
        }
        CompiledKernel kernel = new KernelCompiler().Compile(program.GetMethod("Kernel")!, new CompileOptions(Contract: false));
        Array[] before = [ints, floats, .. Arrays.Globals.Select(g => Arrays.Counting(Arrays.All[g].Type, threads * Arrays.Length)), new long[threads]];
        Compare(kernel, threads, before, [ints, floats, .. globals, expected]);
    }

    private void CompareLanes(Sample sample, System.Type program)
    {
        int[] inputs = [.. Enumerable.Range(0, Lanes.Threads).Select(t => t * t - 40 * t)], counters = new int[Lanes.Counters];
        HostFunction[] functions = [.. HostFunctions.Of(program, sample.Functions.Length)];
        Array[] globals = [.. Arrays.Globals.Select(g => Arrays.Counting(Arrays.All[g].Type, Lanes.Threads * Arrays.Length))];
        int[] expected = Simulation.Run(sample, functions, inputs, globals, counters);
        CompiledKernel kernel = new KernelCompiler().Compile(program.GetMethod("LaneKernel")!, new CompileOptions(GroupX: Lanes.Threads, Contract: false));
        Array[] before = [inputs, new int[Lanes.Counters], .. Arrays.Globals.Select(g => Arrays.Counting(Arrays.All[g].Type, Lanes.Threads * Arrays.Length)), new int[Lanes.Threads]];
        Compare(kernel, Lanes.Threads, before, [inputs, counters, .. globals, expected]);
    }

    /// <summary>Runs the kernel on every device with copies of the arrays as its views, and compares what they hold then.</summary>
    private void Compare(CompiledKernel kernel, int threads, Array[] before, Array[] expected)
    {
        foreach ((string name, Device device) in devices)
        {
            Array[] actual = [.. before.Select(array => (Array)array.Clone())];
            string by = Execute(device, kernel, threads, actual);
            if (name != "interpreter" && !by.StartsWith("SIMD")) throw new InvalidOperationException($"{name}: run by the {by}\n{kernel.Ptx}");
            for (int a = 0; a < actual.Length; a++)
                if (Difference(expected[a], actual[a]) is { } difference) throw new InvalidOperationException($"{name}: view {a}, {difference}\n{kernel.Ptx}");
        }
    }

    private static string? Difference(Array expected, Array actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            object e = expected.GetValue(i)!, a = actual.GetValue(i)!;
            // One NaN is as good as another.
            if (e is F16 x && a is F16 y ? x.Equals(y) || (float.IsNaN(x) && float.IsNaN(y)) : e.Equals(a)) continue;
            return e is F16 ? $"element {i} is {(float)(F16)a} instead of {(float)(F16)e}" : $"element {i} is {a:x} instead of {e:x}";
        }
        return null;
    }

    /// <summary>Runs the kernel and reads its views back; what it was executed by.</summary>
    private static string Execute(Device device, CompiledKernel kernel, int threads, Array[] arrays)
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
        DeviceKernel loaded = module.GetKernel(kernel.Name);
        device.Launch(loaded, new Dim3(1), new Dim3(threads), 0, MemoryMarshal.AsBytes(parameters.AsSpan()));
        device.Synchronize();
        for (int i = 0; i < arrays.Length; i++)
        {
            device.Read(buffers[i], 0, Bytes(arrays[i]));
            buffers[i].Dispose();
        }
        return loaded.ExecutedBy;
    }

    private static Span<byte> Bytes(Array array)
        => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), array.Length * Marshal.SizeOf(array.GetType().GetElementType()!));
}
