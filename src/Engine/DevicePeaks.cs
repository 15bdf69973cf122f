using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Engine;

/// <summary>What a device does at most, measured with kernels that do nothing else.</summary>
/// <param name="GigaFlops">10^9 single-precision operations per second, in fused multiply-adds.</param>
/// <param name="GigaBytes">10^9 bytes per second, read from memory that no cache holds.</param>
public sealed record DevicePeaks(double GigaFlops, double GigaBytes)
{
    private const double LongEnough = 0.05;
    private const int MostRepeats = 1024;

    /// <summary>The work grows until a run is long enough to be timed, or as long as it may become: slow devices are done soon.</summary>
    internal static DevicePeaks Measure(Accelerator accelerator)
        => new(Rate(accelerator, KernelWorkloads.FmaPeak, workload => workload.Operations), Rate(accelerator, KernelWorkloads.ReadPeak, workload => workload.Bytes));

    private static double Rate(Accelerator accelerator, Func<int, KernelWorkload> sized, Func<KernelWorkload, double> work)
    {
        for (int repeats = 1; ; repeats *= 4)
        {
            KernelWorkload workload = sized(repeats);
            using TensorScope inputs = accelerator.OpenScope();
            var graph = new Graph(accelerator);
            workload.Record(graph, inputs);
            using GraphPlan plan = graph.Plan();
            LaunchTimer.Batch(accelerator, plan, 1);
            if (repeats < MostRepeats && LaunchTimer.Batch(accelerator, plan, 1) < LongEnough) continue;
            return work(workload) / LaunchTimer.Measure(accelerator, plan).Best / 1e9;
        }
    }
}
