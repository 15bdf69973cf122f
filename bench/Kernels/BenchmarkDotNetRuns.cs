using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using MmKernels.Graphs;

namespace MmKernels.Bench.Kernels;

/// <summary>The kernels that have a yardstick, under BenchmarkDotNet: its statistics, its memory diagnosis; the yardstick is the baseline.</summary>
[Config(typeof(InProcess))]
[MemoryDiagnoser]
public class BenchmarkDotNetRuns
{
    private Accelerator? accelerator;
    private TensorScope? scope;
    private GraphPlan? plan;
    private Run? run;

    public static IEnumerable<string> Kernels => Benchmarks.Compared().Select(benchmark => benchmark.Name);

    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        accelerator = Accelerator.Open("cpu", Threads);
        scope = accelerator.OpenScope();
        run = Benchmarks.Compared().First(benchmark => benchmark.Name == Kernel).Prepare(new Operands(scope, Threads));
        var graph = new Graph(accelerator);
        run.Record(graph);
        plan = graph.Plan();
    }

    [GlobalCleanup]
    public void Close()
    {
        plan?.Dispose();
        scope?.Dispose();
        accelerator?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Yardstick() => run!.Yardstick!();

    [Benchmark]
    public void Ours()
    {
        plan!.Run();
        accelerator!.Synchronize();
    }

    /// <summary>The processes of the default toolchain would each compile the kernels again.</summary>
    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance));
    }
}
