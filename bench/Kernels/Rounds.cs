using System.Diagnostics;

namespace MmKernels.Bench.Kernels;

/// <summary>Times several ways to do the same, in turns, so that what else happens on the machine meets all of them.</summary>
/// <param name="rounds">Turns of each.</param>
/// <param name="seconds">Of a turn; at least one run.</param>
/// <param name="processorTime">Counts the process's processor time instead of the time that passes.</param>
internal sealed class Rounds(int rounds, double seconds, bool processorTime)
{
    /// <summary>Seconds of a run of each: the median over the rounds of the best run in a round.</summary>
    public double[] Measure(params ReadOnlySpan<Action?> actions)
    {
        var best = new double[actions.Length][];
        for (int i = 0; i < actions.Length; i++)
        {
            best[i] = new double[rounds];
            for (int warm = 0; warm < 2; warm++) actions[i]?.Invoke();
        }
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < actions.Length; i++)
                best[i][round] = actions[i] is { } action ? Best(action) : double.NaN;
        foreach (double[] times in best) Array.Sort(times);
        return Array.ConvertAll(best, times => times[rounds / 2]);
    }

    private double Best(Action action)
    {
        double best = double.PositiveInfinity, start = Now();
        do
        {
            double before = Now();
            action();
            best = Math.Min(best, Now() - before);
        }
        while (Now() - start < seconds);
        return best;
    }

    private double Now() => processorTime ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
