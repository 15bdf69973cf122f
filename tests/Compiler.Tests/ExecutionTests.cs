using System.Runtime.InteropServices;
using MmKernels.Compiler;
using MmKernels.Runtime;
using MmKernels.Runtime.Cpu;
using MmKernels.Runtime.Cpu.Interpreter;

namespace MmKernels.Tests;

/// <summary>The test kernels do what they say, on the interpreter and on the CPU device.</summary>
public class ExecutionTests
{
    public static TheoryData<string> Devices() => ["interpreter", "cpu"];

    [Theory]
    [MemberData(nameof(Devices))]
    public void TensorGemm_IsExactForSmallIntegers(string device)
    {
        const int K = 48;
        ushort[] a = Bf16(16 * K, i => i % 5 - 2), b = Bf16(8 * K, i => i % 7 - 3);
        uint[] c = new uint[64];
        Run(device, "TensorGemm", 32, [a, b, c], K);
        for (int lane = 0; lane < 32; lane++)
            for (int part = 0; part < 4; part++)
            {
                int row = lane / 4 + part / 2 * 8, column = 2 * (lane % 4) + part % 2, expected = 0;
                for (int k = 0; k < K; k++) expected += ((row * K + k) % 5 - 2) * ((column * K + k) % 7 - 3);
                uint packed = c[lane + part / 2 * 32] >> (part % 2 * 16) & 0xFFFF;
                Assert.Equal(expected, BitConverter.UInt32BitsToSingle(packed << 16));
            }
    }

    /// <summary>The lanes that a row's tail leaves out meet the others in the shuffles: views in temporaries must not keep the paths apart.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void MaximumOfARow_OfAnyLength_IsInEveryLane(string device)
    {
        foreach (int n in new[] { 1, 31, 32, 33, 70 })
        {
            float[] x = [.. Enumerable.Range(0, n).Select(i => -2f - i * 37 % 71)], y = new float[32];
            Run(device, "MaximumOfARow", 32, [x, y], n);
            Assert.All(y, value => Assert.Equal(x.Max(), value));
        }
        string ptx = new KernelCompiler().Compile(KernelFile.Find("MaximumOfARow"), new CompileOptions("sm_80", 32)).Ptx;
        Assert.Equal(5, ptx.Split("shfl.sync").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Histogram_CountsEveryValue(string device)
    {
        byte[] x = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * i))];
        uint[] counts = new uint[256];
        Run(device, "Histogram", 64, [x, counts], x.Length);
        for (int v = 0; v < 256; v++) Assert.Equal((uint)x.Count(e => e == v), counts[v]);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void LocalArraysIndexedAtRunTime_HoldWhatWasStored(string device)
    {
        int[] index = [.. Enumerable.Range(0, 32).Select(i => i * 5)];
        float[] y = new float[32];
        Run(device, "LocalTable", 32, [index, y]);
        for (int i = 0; i < 32; i++) Assert.Equal((i * 5 & 7) * (i * 5 & 7), y[i]);
        Run(device, "InlineTable", 32, [index, y]);
        for (int i = 0; i < 32; i++) Assert.Equal(i * 5 & 63, y[i]);
    }

    [Theory]
    [InlineData("interpreter", 1)]
    [InlineData("interpreter", -1)]
    [InlineData("cpu", 1)]
    public void ReferenceChosenAtRunTime_WritesToTheChosenVariable(string device, int which)
    {
        int[] choice = [which];
        float[] y = [10f, 20f];
        Run(device, "References", 1, [choice, y]);
        Assert.Equal(which > 0 ? [10f, 21f] : [11f, 20f], y);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void GroupFunctions_SeeAllThreads(string device)
    {
        float[] x = [.. Enumerable.Range(0, 64).Select(i => i - 20f)], y = new float[64];
        Run(device, "GroupFunctions", 64, [x, y]);
        Assert.All(y, v => Assert.Equal(-17f + 43, v));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void FlashAttention_MatchesADirectSum(string device)
    {
        const int Length = 64, Dim = 64;
        var random = new Random(1);
        float[] q = [.. Enumerable.Range(0, Length * Dim).Select(_ => random.NextSingle() - 0.5f)];
        float[] k = [.. q.Select(v => v * 2 + 0.1f)], v = [.. q.Select(x => x * x)], o = new float[Length * Dim];
        Run(device, "Flash", 64, [q, k, v, o], Length, 0.125f, 1);
        for (int row = 0; row < Length; row++)
        {
            double[] weights = [.. Enumerable.Range(0, row + 1).Select(j => Math.Pow(2, Enumerable.Range(0, Dim).Sum(d => (double)q[row * Dim + d] * 0.125f * k[j * Dim + d])))];
            double total = weights.Sum();
            for (int d = 0; d < Dim; d += 17)
            {
                double expected = weights.Select((w, j) => w * v[j * Dim + d]).Sum() / total;
                Assert.Equal(expected, o[row * Dim + d], 1e-5);   // f32 sums of 64 terms below 1
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void EightHalvesAtOnce_KeepTheirPlaces(string device)
    {
        ushort[] x = Bf16(64, i => i % 11), y = new ushort[64];
        Run(device, "EightHalves BF16", 8, [x, y]);
        for (int v = 0; v < 64; v += 8)
        {
            int At(int i) => (v + i) % 11;
            int[] expected = [At(0) + 2 * At(7), At(1), At(2), At(4) * At(2), At(4), At(5), At(6), At(7)];
            Assert.Equal(Bf16(8, i => expected[i]), y[v..(v + 8)]);
        }
    }

    /// <summary>Division by zero and of the smallest number by -1 give any number, and nothing else happens; other threads are not disturbed.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void DivisionWithoutAResult_HarmsNobody(string device)
    {
        int[] x = [7, int.MinValue, 9, int.MinValue, -7, 0, 100, 5], d = [0, -1, 4, 0, 2, 0, 7, -1];
        long[] y = new long[8];
        Run(device, "DividesByAnything", 8, [x, d, y]);
        foreach (int i in (int[])[2, 4, 6]) Assert.Equal(x[i] / d[i] + (x[i] * 0x1_0000_0000L) % d[i] + (uint)x[i] / (uint)d[i] + (long)((ulong)x[i] % (ulong)d[i]), y[i]);
    }

    [Theory]
    [InlineData("interpreter", 0)]
    [InlineData("interpreter", 1)]
    [InlineData("cpu", 0)]
    [InlineData("cpu", 1)]
    [InlineData("cpu", 4)]
    public void ViewChosenAnewInALoop_IsTheChosenOne(string device, int which)
    {
        const int Rounds = 23;
        int[] y = [.. Enumerable.Range(0, 64)], expected = [.. y], shared = [.. Enumerable.Range(100, 32)];
        Run(device, "ViewsChosenInALoop", 32, [y], which, Rounds);
        for (int t = 0; t < 32; t++)
        {
            int[] view = which > 0 ? expected : shared;
            for (int i = 0; i < Rounds; i++)
            {
                view[t] += i;
                if (((i + which) & 3) == 3) view = expected;
                else if (((i + which) & 7) == 5) view = shared;
            }
            expected[t + 32] = shared[t];
        }
        Assert.Equal(expected, y);
    }

    private static ushort[] Bf16(int count, Func<int, int> value)
        => [.. Enumerable.Range(0, count).Select(i => (ushort)(BitConverter.SingleToUInt32Bits(value(i)) >> 16))];

    /// <summary>One block; views first, then numbers, as the kernels declare them.</summary>
    private static void Run(string deviceName, string kernelName, int threads, Array[] arrays, params object[] numbers)
    {
        using Device device = deviceName == "cpu" ? new CpuDevice() : new InterpreterDevice();
        CompiledKernel kernel = new KernelCompiler().Compile(KernelFile.Find(kernelName), new CompileOptions(GroupX: threads));
        var parameters = new List<byte>();
        DeviceBuffer[] buffers = [.. arrays.Select(array => Upload(device, array, parameters))];
        foreach (object number in numbers) parameters.AddRange(number is int i ? BitConverter.GetBytes(i) : BitConverter.GetBytes((float)number));
        using DeviceModule module = device.Load(kernel.Ptx);
        device.Launch(module.GetKernel(kernel.Name), new Dim3(1), new Dim3(threads), 0, CollectionsMarshal.AsSpan(parameters));
        device.Synchronize();
        for (int i = 0; i < arrays.Length; i++) device.Read(buffers[i], 0, Bytes(arrays[i]));
    }

    private static DeviceBuffer Upload(Device device, Array array, List<byte> parameters)
    {
        DeviceBuffer buffer = device.Allocate(Bytes(array).Length);
        device.Write(buffer, 0, Bytes(array));
        parameters.AddRange(BitConverter.GetBytes(buffer.Address));
        parameters.AddRange(BitConverter.GetBytes((long)array.Length));
        return buffer;
    }

    private static Span<byte> Bytes(Array array)
        => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), Buffer.ByteLength(array));
}
