using System.Diagnostics;
using MmKernels.Graphs;

namespace MmKernels.Engine;

/// <summary>Times runs of a plan.</summary>
internal static class LaunchTimer
{
    private const double SecondsInAll = 0.25, SecondsPerBatch = 0.01;

    /// <summary>Seconds of a run, the best and the median over batches, each long against the clock and against waiting for its end, after a warm-up.</summary>
    public static (double Best, double Median) Measure(Accelerator accelerator, GraphPlan plan)
    {
        for (int i = 0; i < 2; i++) Batch(accelerator, plan, 1);   // compiles, captures
        int runs = (int)Math.Clamp(SecondsPerBatch / Batch(accelerator, plan, 1), 1, 10_000);
        var batches = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do batches.Add(Batch(accelerator, plan, runs) / runs);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsInAll);
        batches.Sort();
        return (batches[0], batches[batches.Count / 2]);
    }

    /// <summary>Seconds of so many runs one after the other.</summary>
    public static double Batch(Accelerator accelerator, GraphPlan plan, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++) plan.Run();
        accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
