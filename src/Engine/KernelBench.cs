using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Measures the shipped kernels on a device, against the device's own peaks.</summary>
public sealed class KernelBench : IDisposable
{
    private readonly Accelerator accelerator;

    /// <summary>Opens the device and measures its peaks.</summary>
    /// <param name="device"><c>cpu</c>, <c>interpreter</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Worker threads of the CPU device; 0 takes one per core.</param>
    /// <exception cref="MmkException">A device that cannot be opened.</exception>
    public KernelBench(string device, int threads)
    {
        accelerator = Accelerator.Open(device, threads);
        Peaks = DevicePeaks.Measure(accelerator);
    }

    /// <summary>What the device does at most.</summary>
    public DevicePeaks Peaks { get; }

    /// <summary>Checks that a filter leaves something to measure.</summary>
    /// <exception cref="MmkException">MMK715: nothing has such a name.</exception>
    public static void Require(string? filter)
    {
        if (!Chosen(filter).Any()) throw EngineErrors.NoWorkload(filter!, KernelWorkloads.All().Select(workload => workload.Name.Split(' ')[0]).Distinct());
    }

    /// <summary>A row as soon as a kernel is measured.</summary>
    /// <param name="filter">Measures only what holds this text in its name; null measures all.</param>
    public IEnumerable<KernelTiming> Run(string? filter) => Chosen(filter).Select(Measure);

    public void Dispose() => accelerator.Dispose();

    private static IEnumerable<KernelWorkload> Chosen(string? filter)
        => KernelWorkloads.All().Where(workload => filter is null || workload.Name.Contains(filter, StringComparison.OrdinalIgnoreCase));

    private KernelTiming Measure(KernelWorkload workload)
    {
        using TensorScope inputs = accelerator.OpenScope();
        var graph = new Graph(accelerator);
        workload.Record(graph, inputs);
        using GraphPlan plan = graph.Plan();
        double seconds = LaunchTimer.Measure(accelerator, plan).Median;
        double flops = workload.Operations / seconds / 1e9, bytes = workload.Bytes / seconds / 1e9;
        return new KernelTiming(workload.Name, seconds * 1e3 / plan.Launches, flops, bytes, Math.Max(flops / Peaks.GigaFlops, bytes / Peaks.GigaBytes));
    }
}
