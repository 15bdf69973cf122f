using System.Diagnostics;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>Measures the shipped kernels on a device.</summary>
public static class KernelBench
{
    private const double SecondsPerKernel = 0.25, SecondsPerBatch = 0.01;

    /// <summary>A row as soon as a kernel is measured: the median of batches of launches, after a warm-up.</summary>
    /// <param name="device"><c>cpu</c>, <c>interpreter</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Worker threads of the CPU device; 0 takes one per core.</param>
    /// <param name="filter">Measures only what holds this text in its name; null measures all.</param>
    /// <exception cref="MmkException">A device that cannot be opened; MMK715: nothing has such a name.</exception>
    public static IEnumerable<KernelTiming> Run(string device, int threads, string? filter)
    {
        using Accelerator accelerator = Accelerator.Open(device, threads);
        KernelWorkload[] chosen = [.. KernelWorkloads.All().Where(workload => filter is null || workload.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (chosen.Length == 0) throw EngineErrors.NoWorkload(filter!, KernelWorkloads.All().Select(workload => workload.Name.Split(' ')[0]).Distinct());
        foreach (KernelWorkload workload in chosen) yield return Measure(accelerator, workload);
    }

    private static KernelTiming Measure(Accelerator accelerator, KernelWorkload workload)
    {
        using TensorScope inputs = accelerator.OpenScope();
        var graph = new Graph(accelerator);
        workload.Record(graph, inputs);
        using GraphPlan plan = graph.Plan();
        double seconds = Median(accelerator, plan);
        return new KernelTiming(workload.Name, seconds * 1e3 / plan.Launches, workload.Operations / seconds / 1e9, workload.Bytes / seconds / 1e9);
    }

    /// <summary>Seconds of a run. A batch of runs is long against the clock and against waiting for its end.</summary>
    private static double Median(Accelerator accelerator, GraphPlan plan)
    {
        for (int i = 0; i < 2; i++) Batch(accelerator, plan, 1);   // compiles, captures
        int runs = (int)Math.Clamp(SecondsPerBatch / Batch(accelerator, plan, 1), 1, 10_000);
        var batches = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do batches.Add(Batch(accelerator, plan, runs) / runs);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsPerKernel);
        batches.Sort();
        return batches[batches.Count / 2];
    }

    private static double Batch(Accelerator accelerator, GraphPlan plan, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++) plan.Run();
        accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
