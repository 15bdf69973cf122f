using System.Diagnostics;

namespace MmKernels.Bench;

/// <summary>Wall time of repeated runs.</summary>
internal static class Timing
{
    /// <summary>The fastest of at least five runs over two seconds, in milliseconds: other work on the machine can only slow a run down.</summary>
    public static double Best(Action run)
    {
        run();
        double best = double.MaxValue;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < 5 || (i < 40 && Stopwatch.GetElapsedTime(begin).TotalSeconds < 2); i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return best;
    }
}
