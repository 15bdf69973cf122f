using MmKernels.Graphs;

namespace MmKernels.Bench;

/// <summary>Sums up the launches of a run by kernel and size.</summary>
internal static class Traces
{
    private const int Rounds = 4;

    /// <summary>Runs something some times with tracing on, and prints where its time went, each launch at its best.</summary>
    public static void Print(Accelerator accelerator, Action run)
    {
        var launches = new List<LaunchTrace>();
        for (int round = 0; round < Rounds; round++)
        {
            int next = 0;
            accelerator.Traced = launch =>
            {
                if (round == 0) launches.Add(launch);
                else if (launch.Milliseconds < launches[next].Milliseconds) launches[next] = launch;
                next++;
            };
            run();
        }
        accelerator.Traced = null;
        double all = launches.Sum(launch => launch.Milliseconds);
        Console.WriteLine($"{"kernel",-72}{"output",-22}{"launches",9}{"ms",10}{"share",8}{"GFLOP/s",9}{"GB/s",7}");
        foreach (var group in launches.GroupBy(launch => (launch.Kernel, Size: launch.Output[launch.Output.LastIndexOf('[')..])).OrderByDescending(group => group.Sum(launch => launch.Milliseconds)))
        {
            double ms = group.Sum(launch => launch.Milliseconds), operations = group.Sum(launch => launch.Operations), bytes = group.Sum(launch => launch.Bytes);
            Console.WriteLine($"{group.Key.Kernel,-72}{group.Key.Size,-22}{group.Count(),9}{ms,10:0.00}{ms / all,8:P1}{Rate(operations / ms / 1e6),9}{Rate(bytes / ms / 1e6),7}");
        }
        Console.WriteLine($"{launches.Count} launches, {all:0.0} ms");
    }

    private static string Rate(double rate) => rate > 0 ? $"{rate:0.0}" : "";
}
