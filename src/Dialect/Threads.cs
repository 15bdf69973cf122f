namespace MmKernels.Dialect;

/// <summary>The grid: the blocks of a launch.</summary>
public static class Grid
{
    public static int IdxX { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int IdxY { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int IdxZ { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimX { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimY { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimZ { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>This thread's block.</summary>
    public static Index3D Index => new(IdxX, IdxY, IdxZ);

    /// <summary>Blocks in each direction.</summary>
    public static Index3D Dimension => new(DimX, DimY, DimZ);

    /// <summary>This thread's place among all threads of the launch.</summary>
    public static Index3D GlobalIndex
        => new(IdxX * Group.DimX + Group.IdxX, IdxY * Group.DimY + Group.IdxY, IdxZ * Group.DimZ + Group.IdxZ);

    /// <summary>Number of this thread among all threads of the launch, block after block.</summary>
    public static long GlobalLinearIndex
        => (IdxX + (long)DimX * (IdxY + (long)DimY * IdxZ)) * (Group.DimX * Group.DimY * Group.DimZ) + Group.LinearIndex;
}

/// <summary>The thread group: a block, whose threads share memory and barriers.</summary>
public static class Group
{
    public static int IdxX { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int IdxY { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int IdxZ { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimX { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimY { [Intrinsic] get => KernelOnly.Value<int>(); }
    public static int DimZ { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>Waits for every thread of the group; shared and global writes before it are seen by the group after it.</summary>
    [Intrinsic] public static void Barrier() => throw KernelOnly.Error();

    /// <summary>A barrier that tells every thread in how many threads the condition holds.</summary>
    [Intrinsic] public static int BarrierPopCount(bool condition) => throw KernelOnly.Error();

    /// <summary>A barrier that tells every thread whether the condition holds in all threads.</summary>
    [Intrinsic] public static bool BarrierAnd(bool condition) => throw KernelOnly.Error();

    /// <summary>A barrier that tells every thread whether the condition holds in some thread.</summary>
    [Intrinsic] public static bool BarrierOr(bool condition) => throw KernelOnly.Error();

    /// <summary>This thread's place in its group.</summary>
    public static Index3D Index => new(IdxX, IdxY, IdxZ);

    /// <summary>Threads of the group in each direction.</summary>
    public static Index3D Dimension => new(DimX, DimY, DimZ);

    /// <summary>Number of this thread in its group; X varies fastest.</summary>
    public static int LinearIndex => IdxX + DimX * (IdxY + DimY * IdxZ);

    public static bool IsFirstThread => LinearIndex == 0;

    /// <summary>The value of one thread in all threads of the group. Every thread must take part, with the same <paramref name="thread"/>.</summary>
    /// <param name="value">What the thread gives.</param>
    /// <param name="thread">Linear index of the thread that gives.</param>
    public static T Broadcast<T>(T value, int thread) where T : unmanaged
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(1);
        if (LinearIndex == thread) shared[0] = value;
        Barrier();
        T result = shared[0];
        Barrier();
        return result;
    }
}

/// <summary>32 threads that run in step.</summary>
public static class Warp
{
    public const int WarpSize = 32;

    /// <summary>This thread's lane, 0..31.</summary>
    public static int LaneIdx { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>This thread's warp within a one-dimensional group: Group.IdxX / 32.</summary>
    public static int WarpIdx { [Intrinsic] get => KernelOnly.Value<int>(); }

    public static bool IsFirstLane => LaneIdx == 0;

    public static bool IsLastLane => LaneIdx == WarpSize - 1;

    /// <summary>The value of lane <c>LaneIdx ^ laneMask</c>. T: numbers of 32 or 64 bits.</summary>
    [Intrinsic] public static T ShuffleXor<T>(T value, int laneMask) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of lane <c>LaneIdx + delta</c>, or the own value beyond the warp. 64-bit types take two shuffles.</summary>
    [Intrinsic] public static T ShuffleDown<T>(T value, int delta) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of lane <c>LaneIdx - delta</c>, or the own value below lane 0.</summary>
    [Intrinsic] public static T ShuffleUp<T>(T value, int delta) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of a lane.</summary>
    [Intrinsic] public static T Shuffle<T>(T value, int lane) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of one lane in all lanes.</summary>
    public static T Broadcast<T>(T value, int lane) where T : unmanaged => Shuffle(value, lane);

    /// <summary>Whether the condition holds in every lane.</summary>
    [Intrinsic] public static bool All(bool condition) => throw KernelOnly.Error();

    /// <summary>Whether the condition holds in some lane.</summary>
    [Intrinsic] public static bool Any(bool condition) => throw KernelOnly.Error();

    /// <summary>Bit i is the condition of lane i.</summary>
    [Intrinsic] public static uint Ballot(bool condition) => throw KernelOnly.Error();

    /// <summary>Waits for the lanes of the warp and orders their memory accesses.</summary>
    [Intrinsic] public static void Barrier() => throw KernelOnly.Error();
}
