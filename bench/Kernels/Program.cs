using System.Diagnostics;
using System.Globalization;
using MmKernels;
using MmKernels.Bench.Kernels;
using MmKernels.Graphs;
using MmKernels.Kernels;

// Usage: Bench.Kernels [FILTER] [--device cpu] [--threads 1,2] [--processor-time]
// --processor-time counts the processor time of one thread instead of the time that passed, for machines that others use too; only with one thread.
// For each kernel: best time of repeated launches, work per second, and the same for a hand-written yardstick measured in between.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string device = Option("--device") ?? "cpu";
int[] threadCounts = (Option("--threads") ?? "1,2").Split(',').Select(int.Parse).ToArray();
bool processorTime = args.Contains("--processor-time");
if (processorTime) threadCounts = [1];
string? filter = args.Length > 0 && !args[0].StartsWith("--", StringComparison.Ordinal) ? args[0] : null;

Console.WriteLine($"{"kernel",-44} {"threads",7} {"ms",9} {"rate",14} {"yardstick",14} {"ratio",6}");
foreach (int threads in threadCounts)
{
    using Accelerator accelerator = Accelerator.Open(device, threads);
    foreach (Benchmark benchmark in Benchmarks.All(accelerator, threads))
    {
        if (filter is not null && !benchmark.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)) continue;
        var graph = new Graph(accelerator);
        benchmark.Record(graph);
        using GraphPlan plan = graph.Plan();
        double ours = double.PositiveInfinity, yardstick = double.PositiveInfinity;
        for (int round = 0; round < 3; round++)
        {
            ours = Math.Min(ours, Best(() => { plan.Run(); accelerator.Synchronize(); }));
            if (benchmark.Yardstick is not null) yardstick = Math.Min(yardstick, Best(benchmark.Yardstick));
        }
        double rate = benchmark.Work / ours / 1e9, reference = benchmark.YardstickWork / yardstick / 1e9;
        string compared = benchmark.Yardstick is null ? $"{"",14} {"",6}" : $"{reference,7:F1} {benchmark.Unit,-6} {rate / reference,6:F2}";
        Console.WriteLine($"{benchmark.Name,-44} {threads,7} {ours * 1e3,9:F3} {rate,7:F1} {benchmark.Unit,-6} {compared}");
    }
}

string? Option(string name)
{
    int index = Array.IndexOf(args, name);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}

// The fastest of the runs that fit into a quarter of a second, after one to warm up.
double Best(Action action)
{
    action();
    double best = double.PositiveInfinity;
    double start = Now();
    do
    {
        double before = Now();
        action();
        best = Math.Min(best, Now() - before);
    }
    while (Now() - start < 0.25);
    return best;
}

double Now() => processorTime ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
