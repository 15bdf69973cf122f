namespace MmKernels.Tests;

/// <summary>Counts what code allocates on the managed heap.</summary>
public static class Allocations
{
    private const int Rounds = 8;

    /// <summary>
    /// The bytes that the quietest of several rounds allocates: what the code allocates every time, without what the runtime makes once
    /// (wait handles on the first contention) or on its own threads in the meantime.
    /// </summary>
    /// <param name="round">The code.</param>
    /// <param name="everyThread">Whether to count all threads of the process, or only the calling one.</param>
    public static long PerRound(Action round, bool everyThread = false)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = Count(everyThread);
            round();
            least = Math.Min(least, Count(everyThread) - before);
        }
        return least;
    }

    private static long Count(bool everyThread) => everyThread ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
}
