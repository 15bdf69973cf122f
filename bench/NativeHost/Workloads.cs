using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.NativeHost;

/// <summary>What a workload took at best, and what it computed.</summary>
internal sealed record Measurement(string Name, double Milliseconds, string Hash);

/// <summary>The graphs that are measured, as a program that embeds the engine would record them.</summary>
internal sealed class Workloads : IDisposable
{
    private const int Size = 1024, Rounds = 15;

    private readonly Accelerator accelerator;
    private readonly List<(string Name, GraphPlan Plan, Tensor Result)> plans = [];

    /// <summary>Records and prepares everything.</summary>
    /// <param name="threads">Of the CPU device.</param>
    public Workloads(int threads)
    {
        long start = Stopwatch.GetTimestamp();
        accelerator = Accelerator.Open("cpu", threads);
        Tensor x = Values(DType.F32, Size, Size), w = Values(DType.F32, Size, Size), scale = Values(DType.F32, Size), rows = Values(DType.F32, 4 * Size, Size);
        Plan("gemm f32 1024x1024x1024", g => g.Gemm(x, w));
        Plan("rmsnorm f32 4096x1024", g => g.RmsNorm(rows, scale, 1e-6f));
        StartMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public string Device => accelerator.Description;

    /// <summary>From opening the device until everything could run.</summary>
    public double StartMilliseconds { get; }

    /// <summary>Kernels that came from packs.</summary>
    public int FromPacks => accelerator.Kernels.FromPacks;

    /// <summary>Lines of a kernel list.</summary>
    public IReadOnlyList<string> Kernels => accelerator.Kernels.List;

    public IEnumerable<Measurement> Measure()
    {
        foreach ((string name, GraphPlan plan, Tensor result) in plans)
        {
            double best = double.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                plan.Run();
                accelerator.Synchronize();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            yield return new Measurement(name, best, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(accelerator.Read<float>(result).AsSpan()))));
        }
    }

    public void Dispose()
    {
        foreach ((_, GraphPlan plan, _) in plans) plan.Dispose();
        accelerator.Dispose();
    }

    private void Plan(string name, Func<Graph, Tensor> op)
    {
        var g = new Graph(accelerator);
        Tensor result = g.Keep(op(g));
        plans.Add((name, g.Plan(), result));
    }

    /// <summary>Numbers between -1 and 1 that depend on nothing but the shape.</summary>
    private Tensor Values(DType type, params ReadOnlySpan<int> dims)
    {
        var shape = new Shape(dims);
        var values = new float[shape.Elements];
        for (int i = 0; i < values.Length; i++) values[i] = ((i * 2654435761u + 12345u) >> 8) * (2f / (1 << 24)) - 1f;
        return accelerator.Upload<float>(type, shape, values);
    }
}
