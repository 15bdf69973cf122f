using System.Diagnostics;

namespace MmKernels.Fuzz;

/// <summary>Runs a target over mutated inputs and holds it to its bounds.</summary>
public static class Fuzzer
{
    private const int MaxFailures = 10;

    /// <summary>An input that runs this long is given up: the parser hangs.</summary>
    private static readonly TimeSpan hang = TimeSpan.FromSeconds(60);

    /// <summary>Runs inputs 0, 1, 2, … until <paramref name="inputs"/> are done or <paramref name="time"/> is over.</summary>
    public static FuzzReport Run(FuzzTarget target, ulong seed, int inputs, TimeSpan time)
    {
        var mutator = new Mutator(target);
        var report = new FuzzReport(target.Name, seed);
        var clock = Stopwatch.StartNew();
        int current = 0;
        long started = Stopwatch.GetTimestamp();
        // A thread of its own: a hang can be reported, and the stack is the usual one wherever the caller runs.
        var worker = new Thread(() =>
        {
            for (int i = 0; i < inputs && clock.Elapsed < time && report.Failures.Count < MaxFailures; i++)
            {
                byte[] input = mutator.Make(seed, i);
                Volatile.Write(ref current, i);
                Volatile.Write(ref started, Stopwatch.GetTimestamp());
                RunOne(target, input, i, report);
            }
        }) { IsBackground = true };
        worker.Start();
        while (!worker.Join(500))
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref started)) < hang) continue;
            report.Fail(Volatile.Read(ref current), $"no answer after {hang.TotalSeconds} s");
            break;
        }
        report.Elapsed = clock.Elapsed;
        return report;
    }

    private static void RunOne(FuzzTarget target, byte[] input, int index, FuzzReport report)
    {
        for (int attempt = 1; ; attempt++)
        {
            int? refusal = null;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            double start = ThreadClock.Milliseconds;
            try { target.Run(input); }
            catch (MmkException e) { refusal = e.Number; }
            catch (Exception e)
            {
                report.Fail(index, e.ToString());
                report.Inputs++;
                return;
            }
            double milliseconds = ThreadClock.Milliseconds - start;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (milliseconds > target.MaxMilliseconds && attempt < 3) continue;

            report.Inputs++;
            if (refusal is { } number) report.Refused[number] = report.Refused.GetValueOrDefault(number) + 1;
            else report.Accepted++;
            report.SlowestMilliseconds = Math.Max(report.SlowestMilliseconds, milliseconds);
            report.MostAllocatedBytes = Math.Max(report.MostAllocatedBytes, allocated);
            if (milliseconds > target.MaxMilliseconds) report.Fail(index, $"{milliseconds:0} ms, at most {target.MaxMilliseconds} allowed");
            if (allocated > target.MaxAllocatedBytes(input.Length))
                report.Fail(index, $"{allocated} bytes allocated for {input.Length} bytes of input, at most {target.MaxAllocatedBytes(input.Length)} allowed");
            return;
        }
    }
}
