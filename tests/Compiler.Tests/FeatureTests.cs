using System.Reflection;
using System.Runtime.InteropServices;
using MmKernels.Compiler;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;
using MmKernels.Tests.Kernels;

namespace MmKernels.Tests;

/// <summary>What C# says means the same in a kernel.</summary>
public class FeatureTests
{
    private static readonly int[] wholes = [0, 1, 2, 3, 4, 7, 8, 15, 16, 29, 60, 100, 127, 200, 255, 256, 1000, 65535, -1, -2, -3, -8, -100, -1001, int.MaxValue, int.MinValue, 0x12345678, -0x12345678, 21, 63, 5, 6];
    private static readonly float[] reals = [0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 3.7f, 100f, 127.5f, 255f, 256f, 300f, -300f, 32768f, 65535f, 65536f, 1e5f, 2e9f, 3e9f, -3e9f, 5e9f, 1e19f, 2e19f, -1e19f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN, -0f];

    public static TheoryData<string> Names()
        => [.. typeof(IFeature).Assembly.GetTypes().Where(t => t.IsValueType && typeof(IFeature).IsAssignableFrom(t)).Select(t => t.Name).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Feature_GivesTheBitsOfDotNetOnEveryDevice(string name)
    {
        System.Type feature = typeof(IFeature).Assembly.GetType($"MmKernels.Tests.Kernels.{name}")!;
        var host = feature.GetMethod("Of", BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<int, float, long>>();
        long[] expected = [.. wholes.Select((x, i) => host(x, reals[i]))];
        MethodInfo method = typeof(Features).GetMethod(nameof(Features.Apply), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(feature);
        CompiledKernel kernel = new KernelCompiler().Compile(method, new CompileOptions(Contract: false));
        Assert.Equal(expected, Run(new InterpreterDevice(), kernel));
        foreach (int lanes in (int[])[4, 8, 16]) Assert.Equal(expected, Run(new CpuDevice(new CpuOptions { Threads = 1, Lanes = lanes }), kernel));
    }

    private static long[] Run(Device device, CompiledKernel kernel)
    {
        using (device)
        {
            using DeviceBuffer x = Upload(device, MemoryMarshal.AsBytes(wholes.AsSpan())), f = Upload(device, MemoryMarshal.AsBytes(reals.AsSpan())), y = device.Allocate(8 * wholes.Length);
            ulong count = (ulong)wholes.Length;
            using DeviceModule module = device.Load(kernel.Ptx);
            DeviceKernel loaded = module.GetKernel(kernel.Name);
            device.Launch(loaded, new Dim3(1), new Dim3(wholes.Length), 0, MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)[x.Address, count, f.Address, count, y.Address, count]));
            device.Synchronize();
            Assert.StartsWith(device is CpuDevice ? "SIMD" : "scalar interpreter", loaded.ExecutedBy);
            var result = new long[wholes.Length];
            device.Read(y, 0, MemoryMarshal.AsBytes(result.AsSpan()));
            return result;
        }
    }

    private static DeviceBuffer Upload(Device device, ReadOnlySpan<byte> bytes)
    {
        DeviceBuffer buffer = device.Allocate(bytes.Length);
        device.Write(buffer, 0, bytes);
        return buffer;
    }
}
