using System.Diagnostics;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Bench;

/// <summary>
/// Times IL to PTX for every shipped kernel: the first in the process, the rest of the first round, and warm rounds. Milliseconds of this process's
/// processor time stand beside the clock, which other processes disturb. dotnet run -c Release --project bench/Compiler [ROUNDS]
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        int rounds = arguments.Length > 0 && int.TryParse(arguments[0], out int count) ? count : 10;
        IReadOnlyList<KernelRef> kernels = KernelCatalog.Of(typeof(RmsNormKernel).Assembly);
        var first = new Timing();
        KernelCatalog.Compile(new KernelRef(typeof(RmsNormKernel), "Kernel", typeof(Dialect.F32), typeof(Dialect.F32)), "sm_80", lines: false);
        Console.WriteLine($"first kernel of the process   {first}   (limit 150)");
        for (int round = 0; round < rounds; round++)
        {
            var timing = new Timing();
            var times = new List<(double Milliseconds, string Name)>();
            foreach (KernelRef kernel in kernels)
            {
                CompiledText compiled = KernelCatalog.Compile(kernel, "sm_80", lines: false);
                times.Add((compiled.Milliseconds, compiled.Name));
            }
            times.Sort();
            Console.WriteLine($"round {round,2}: {kernels.Count} kernels {timing}, median {times[times.Count / 2].Milliseconds:0.00} (limit 30 when warm), slowest {times[^1].Milliseconds:0.0} {times[^1].Name}");
        }
        return 0;
    }

    /// <summary>Time since it was made.</summary>
    private sealed class Timing
    {
        private readonly long start = Stopwatch.GetTimestamp();
        private readonly TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;

        public override string ToString()
            => $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds,8:0.0} ms, processor {(Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMilliseconds,7:0.0} ms";
    }
}
