using System.Diagnostics;

namespace MmKernels.Bench;

/// <summary>Wall time of repeated runs.</summary>
internal static class Timing
{
    /// <summary>
    /// For each action the fastest of 7 to 25 runs within three seconds, in milliseconds. Other work on the machine can only slow a run down, and the
    /// actions take turns, so that it slows all of them.
    /// </summary>
    public static double[] Best(params Action[] actions)
    {
        var best = new double[actions.Length];
        Array.Fill(best, double.MaxValue);
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < 7 || (i < 25 && Stopwatch.GetElapsedTime(begin).TotalSeconds < 3); i++)
            for (int a = 0; a < actions.Length; a++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[a]();
                best[a] = Math.Min(best[a], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        return best;
    }
}
