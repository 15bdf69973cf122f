using MmKernels.Runtime.Cpu.Jit;

namespace MmKernels.Runtime.Cpu;

/// <summary>
/// Threads that wait for launches. The caller works too; all take runs of neighbouring blocks from one counter, so that a worker that wakes up late finds less to do.
/// Nothing is allocated per launch.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>Threads below which waking another thread costs more than it brings.</summary>
    private const long SmallLaunch = 512;

    /// <summary>Of the blocks that are left, a worker takes one part in so many, counted per worker.</summary>
    private const int RunsPerWorker = 2;

    private const int SpinsBeforeSleep = 2000;

    private readonly BlockRunner[] runners;
    private readonly Thread[] threads;
    private readonly SemaphoreSlim wake = new(0);
    private CompiledKernel kernel = null!;
    private LaunchRequest request;
    private long blocks, taken;
    private int sleeping, working, generation, failed = -1;
    private volatile bool open, closing;

    private readonly TimeSpan? limit;
    private readonly Timer? timer;
    private readonly Lock timing = new();
    private bool timed;

    /// <param name="count">Threads, the caller's included.</param>
    /// <param name="limit">Time after which a kernel is stopped; null for none.</param>
    public WorkerPool(int count, TimeSpan? limit)
    {
        this.limit = limit;
        if (limit is not null) timer = new Timer(_ => StopAll());
        runners = new BlockRunner[count];
        for (int i = 0; i < count; i++) runners[i] = new BlockRunner();
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            BlockRunner runner = runners[i + 1];
            int index = i + 1;
            threads[i] = new Thread(() => Work(runner, index)) { IsBackground = true, Name = $"cpu device {index}" };
            threads[i].Start();
        }
    }

    public int Count => runners.Length;

    /// <summary>Runs all blocks; returns the fault that stopped the kernel, if any.</summary>
    public FaultPlace Run(CompiledKernel compiled, in LaunchRequest launch)
    {
        kernel = compiled;
        request = launch;
        blocks = launch.Grid.Count;
        taken = 0;
        failed = -1;
        if (timer is not null) Watch(true);
        bool alone = threads.Length == 0 || blocks == 1 || blocks * launch.Block.Count <= SmallLaunch;
        if (!alone)
        {
            open = true;
            Interlocked.Increment(ref generation);
            int asleep = Volatile.Read(ref sleeping);
            if (asleep > 0) wake.Release((int)Math.Min(asleep, blocks - 1));
        }
        TakeBlocks(runners[0], 0);
        if (!alone)
        {
            open = false;
            var spin = new SpinWait();
            while (Volatile.Read(ref working) != 0) spin.SpinOnce(-1);
        }
        if (timer is not null) Watch(false);
        return failed < 0 ? default : runners[failed].Fault;
    }

    /// <summary>Starts or ends the time that a launch may take.</summary>
    private void Watch(bool start)
    {
        using Lock.Scope scope = timing.EnterScope();
        timed = start;
        if (start)
            foreach (BlockRunner runner in runners) runner.Stop(false);
        timer!.Change(start ? limit!.Value : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void StopAll()
    {
        using Lock.Scope scope = timing.EnterScope();
        if (!timed) return;
        foreach (BlockRunner runner in runners) runner.Stop(true);
    }

    public void Dispose()
    {
        timer?.Dispose();
        closing = true;
        wake.Release(Math.Max(1, threads.Length));
        foreach (Thread thread in threads) thread.Join();
        foreach (BlockRunner runner in runners) runner.Dispose();
        wake.Dispose();
    }

    private void TakeBlocks(BlockRunner runner, int index)
    {
        if (Volatile.Read(ref taken) >= blocks) return;
        runner.Begin(kernel, request);
        while (TakeRun(out long first, out long end))
            for (long block = first; block < end && Volatile.Read(ref failed) < 0; block++)
                if (!runner.Run(kernel, request, block)) Interlocked.CompareExchange(ref failed, index, -1);
    }

    /// <summary>Takes neighbouring blocks: a share of those that are left, so that memory is walked in long runs and the workers still end together.</summary>
    private bool TakeRun(out long first, out long end)
    {
        long seen = Volatile.Read(ref taken);
        while (seen < blocks && Volatile.Read(ref failed) < 0)
        {
            long next = seen + Math.Max(1, (blocks - seen) / (RunsPerWorker * runners.Length));
            long found = Interlocked.CompareExchange(ref taken, next, seen);
            if (found == seen)
            {
                (first, end) = (seen, next);
                return true;
            }
            seen = found;
        }
        first = end = 0;
        return false;
    }

    private void Work(BlockRunner runner, int index)
    {
        int seen = 0;
        while (!closing)
        {
            Wait(seen);
            seen = Volatile.Read(ref generation);
            // Registering before looking keeps the caller from leaving while this thread is about to take blocks.
            Interlocked.Increment(ref working);
            if (open) TakeBlocks(runner, index);
            Interlocked.Decrement(ref working);
        }
    }

    private void Wait(int seen)
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if (Volatile.Read(ref generation) != seen || closing) return;
            Thread.SpinWait(20);
        }
        Interlocked.Increment(ref sleeping);
        if (Volatile.Read(ref generation) == seen && !closing) wake.Wait();
        Interlocked.Decrement(ref sleeping);
    }
}
