using System.Numerics;

namespace MmKernels.Runtime.Cpu.Interpreter;

/// <summary>A block of threads: its warps, shared memory, local memory and barriers.</summary>
internal sealed unsafe class Block
{
    private const int WarpTurn = 65536;

    private readonly BarrierState[] barriers = new BarrierState[16];

    private struct BarrierState
    {
        public uint[] Arrived;
        public int Threads;
        public bool Busy;
        public uint Count, All, Any;
    }

    public Block(Launch launch)
    {
        Launch = launch;
        long threads = launch.Block.Count;
        Warps = new Warp[(threads + Warp.Lanes - 1) / Warp.Lanes];
        for (int i = 0; i < Warps.Length; i++) Warps[i] = new Warp(this, i);
        for (int i = 0; i < barriers.Length; i++) barriers[i].Arrived = new uint[Warps.Length];
        SharedBytes = launch.SharedBytes;
        Shared = (byte*)Native.Allocate(SharedBytes, 1024);
        LocalBytes = launch.LocalBytes;
        Local = (byte*)Native.Allocate((long)LocalBytes * Warps.Length * Warp.Lanes);
    }

    public Launch Launch { get; }

    public Warp[] Warps { get; }

    public int X { get; private set; }

    public int Y { get; private set; }

    public int Z { get; private set; }

    public byte* Shared { get; }

    public int SharedBytes { get; }

    /// <summary>Local memory of all threads, one after the other.</summary>
    public byte* Local { get; }

    public int LocalBytes { get; }

    /// <summary>No warp could run in the last round.</summary>
    public bool Stuck { get; private set; }

    public Sanitizer? Sanitizer => Launch.Sanitizer;

    /// <summary>Puts all threads of a block of the grid at the start.</summary>
    public void Start(int x, int y, int z)
    {
        (X, Y, Z) = (x, y, z);
        Sanitizer?.BlockStarts(this);
        long threads = Launch.Block.Count;
        for (int i = 0; i < Warps.Length; i++)
        {
            long lanes = Math.Min(Warp.Lanes, threads - (long)i * Warp.Lanes);
            Warps[i].Start(Launch.Entry, lanes == Warp.Lanes ? uint.MaxValue : (1u << (int)lanes) - 1);
        }
        for (int i = 0; i < barriers.Length; i++) Clear(ref barriers[i]);
        Stuck = false;
    }

    /// <summary>Runs for a number of rounds, in each of which every warp has a turn. Returns whether the block is done.</summary>
    public bool Run(long rounds)
    {
        while (rounds-- > 0)
        {
            bool ran = false, done = true;
            foreach (Warp warp in Warps)
            {
                if (warp.Done) continue;
                long budget = WarpTurn;
                ran |= warp.Run(ref budget);
                Launch.Count(WarpTurn - budget);
                done &= warp.Done;
            }
            if (done) return true;
            if (!ran && Stuck) throw Deadlock();
            Stuck = !ran;
        }
        return false;
    }

    public void Release()
    {
        foreach (Warp warp in Warps) warp.Release();
        Native.Free(Shared);
        Native.Free(Local);
    }

    /// <summary>Lanes of a warp come to a barrier. <paramref name="threads"/> is the count in the instruction, -1 for the whole block.</summary>
    public void Arrive(int id, Warp warp, uint mask, int threads, bool waits, ref Op op)
    {
        ref BarrierState barrier = ref barriers[id];
        if (barrier.Busy && barrier.Threads != threads)
            throw warp.Fault(ref op, $"barrier {id} is used for {Count(threads)} and for {Count(barrier.Threads)} at once");
        barrier.Busy = true;
        barrier.Threads = threads;
        barrier.Arrived[warp.Index] |= mask;
        Sanitizer?.Arrived(warp, id, ref op);
        Complete(id);
    }

    /// <summary>Adds lanes' predicates to a barrier's reduction.</summary>
    public void Reduce(int id, Warp warp, uint holds, uint mask)
    {
        ref BarrierState barrier = ref barriers[id];
        if (!barrier.Busy) (barrier.Count, barrier.All, barrier.Any) = (0, uint.MaxValue, 0);
        barrier.Count += (uint)BitOperations.PopCount(holds);
        if (holds != mask) barrier.All = 0;
        if (holds != 0) barrier.Any = uint.MaxValue;
    }

    /// <summary>Threads that ended no longer count for barriers of the whole block.</summary>
    public void LanesExited()
    {
        for (int id = 0; id < barriers.Length; id++)
            if (barriers[id].Busy) Complete(id);
    }

    private void Complete(int id)
    {
        ref BarrierState barrier = ref barriers[id];
        int arrived = 0;
        bool all = true;
        foreach (Warp warp in Warps)
        {
            uint here = barrier.Arrived[warp.Index], live = ~warp.Exited;
            all &= (live & ~here) == 0;
            // A warp counts as a whole once all its live threads are here.
            arrived += here != 0 && (live & ~here) == 0 ? Warp.Lanes : BitOperations.PopCount(here);
        }
        if (barrier.Threads < 0 ? !all : arrived < barrier.Threads) return;
        (uint count, uint allTrue, uint any) = (barrier.Count, barrier.All, barrier.Any);
        Clear(ref barrier);
        Sanitizer?.BarrierCompleted(this, id);
        foreach (Warp warp in Warps) warp.Release(id, count, allTrue, any);
    }

    private static void Clear(ref BarrierState barrier)
    {
        barrier.Busy = false;
        barrier.Threads = -1;
        (barrier.Count, barrier.All, barrier.Any) = (0, uint.MaxValue, 0);
        Array.Clear(barrier.Arrived);
    }

    private static string Count(int threads) => threads < 0 ? "the whole block" : $"{threads} threads";

    private MmkException Deadlock()
    {
        for (int id = 0; id < barriers.Length; id++)
        {
            if (!barriers[id].Busy) continue;
            int arrived = 0;
            foreach (uint lanes in barriers[id].Arrived) arrived += BitOperations.PopCount(lanes);
            string wanted = barriers[id].Threads < 0 ? "all threads that have not ended" : $"{barriers[id].Threads} threads";
            return RuntimeErrors.DivergentBarrier(Launch.Entry.Function.Name, $"{Place()}: block ({X}, {Y}, {Z}): barrier {id} waits for {wanted}, {arrived} are there and nobody else can come");
        }
        return RuntimeErrors.DivergentBarrier(Launch.Entry.Function.Name, $"{Place()}: block ({X}, {Y}, {Z}): no thread can go on");
    }

    /// <summary>Where the first waiting thread stands.</summary>
    private string Place()
    {
        foreach (Warp warp in Warps)
            if (!warp.Done) return warp.Place(warp.Waiting);
        return "";
    }
}
