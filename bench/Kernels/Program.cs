using System.Globalization;
using BenchmarkDotNet.Running;
using MmKernels;
using MmKernels.Bench.Kernels;
using MmKernels.Graphs;

// Usage: Bench.Kernels [FILTER] [--device cpu] [--threads 1,2] [--processor-time]
//        Bench.Kernels --benchmarkdotnet [options of BenchmarkDotNet, such as --filter '*rms_norm*']
// A table: each kernel's time, its work per second, and the same for hand-written vector code (the yardstick) and OpenBLAS, with the ratios;
// all are measured in turns, and medians are shown.
// --processor-time counts the processor time of one thread instead of the time that passed, for machines that others use too.
if (args is ["--benchmarkdotnet", ..])
{
    BenchmarkRunner.Run<BenchmarkDotNetRuns>(args: args[1..]);
    return;
}
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
bool processorTime = args.Contains("--processor-time");
int[] threadCounts = processorTime ? [1] : Array.ConvertAll((Option("--threads") ?? "1,2").Split(','), int.Parse);
string? filter = args.Length > 0 && !args[0].StartsWith("--", StringComparison.Ordinal) ? args[0] : null;
var rounds = new Rounds(rounds: 7, seconds: 0.08, processorTime);

Console.WriteLine($"OpenBLAS: {OpenBlas.Description}");
Console.WriteLine($"{"kernel",-46} {"threads",7} {"ms",9} {"rate",13} {"yardstick",13} {"ratio",5} {"OpenBLAS",13} {"ratio",5}");
foreach (int threads in threadCounts)
{
    using Accelerator accelerator = Accelerator.Open(Option("--device") ?? "cpu", threads);
    foreach (Benchmark benchmark in Benchmarks.All())
        if (filter is null || benchmark.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)) Measure(accelerator, benchmark, threads);
    if (filter is null || "empty kernel".Contains(filter, StringComparison.OrdinalIgnoreCase)) Launches(accelerator, threads);
}

void Measure(Accelerator accelerator, Benchmark benchmark, int threads)
{
    using TensorScope scope = accelerator.OpenScope();
    Run run = benchmark.Prepare(new Operands(scope, threads));
    var graph = new Graph(accelerator);
    run.Record(graph);
    using GraphPlan plan = graph.Plan();
    double[] times = rounds.Measure(() => { plan.Run(); accelerator.Synchronize(); }, run.Yardstick, run.OpenBlas);
    double rate = benchmark.Work / times[0] / 1e9;
    string yardstick = Compared(rate, benchmark.YardstickWork / times[1] / 1e9, benchmark.Unit), blas = Compared(rate, benchmark.Work / times[2] / 1e9, benchmark.Unit);
    Console.WriteLine($"{benchmark.Name,-46} {threads,7} {times[0] * 1e3,9:F3} {rate,8:F1} {benchmark.Unit} {yardstick} {blas}".TrimEnd());
}

// Launches of a kernel that does nothing, many in a row, and what they allocate.
void Launches(Accelerator accelerator, int threads)
{
    const int Count = 1000;
    foreach ((int blocks, int group) in new[] { (1, 32), (64, 256) })
    {
        using TensorScope scope = accelerator.OpenScope();
        Tensor y = new Operands(scope, threads).Tensor(1);
        var graph = new Graph(accelerator);
        for (int i = 0; i < Count; i++) graph.Empty(y, blocks, group);
        using GraphPlan plan = graph.Plan();
        double seconds = rounds.Measure(() => { plan.Run(); accelerator.Synchronize(); })[0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        plan.Run();
        accelerator.Synchronize();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Console.WriteLine($"{$"empty kernel, {blocks} x {group} threads",-46} {threads,7} {seconds / Count * 1e6,9:F3} µs a launch, {allocated} bytes allocated by {Count} launches");
    }
}

string? Option(string name)
{
    int index = Array.IndexOf(args, name);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}

static string Compared(double ours, double other, string unit) => double.IsNaN(other) ? $"{"",13} {"",5}" : $"{other,8:F1} {unit} {ours / other,5:F2}";
