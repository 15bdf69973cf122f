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
}

/// <summary>32 threads that run in step.</summary>
public static class Warp
{
    public const int WarpSize = 32;

    /// <summary>This thread's lane, 0..31.</summary>
    public static int LaneIdx { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>This thread's warp within a one-dimensional group: Group.IdxX / 32.</summary>
    public static int WarpIdx { [Intrinsic] get => KernelOnly.Value<int>(); }

    /// <summary>The value of lane <c>LaneIdx ^ laneMask</c>. T: numbers of 32 or 64 bits.</summary>
    [Intrinsic] public static T ShuffleXor<T>(T value, int laneMask) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of lane <c>LaneIdx + delta</c>, or the own value beyond the warp. 64-bit types take two shuffles.</summary>
    [Intrinsic] public static T ShuffleDown<T>(T value, int delta) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of lane <c>LaneIdx - delta</c>, or the own value below lane 0.</summary>
    [Intrinsic] public static T ShuffleUp<T>(T value, int delta) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The value of a lane.</summary>
    [Intrinsic] public static T Shuffle<T>(T value, int lane) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Whether the condition holds in every lane.</summary>
    [Intrinsic] public static bool All(bool condition) => throw KernelOnly.Error();

    /// <summary>Whether the condition holds in some lane.</summary>
    [Intrinsic] public static bool Any(bool condition) => throw KernelOnly.Error();

    /// <summary>Bit i is the condition of lane i.</summary>
    [Intrinsic] public static uint Ballot(bool condition) => throw KernelOnly.Error();

    /// <summary>Waits for the lanes of the warp and orders their memory accesses.</summary>
    [Intrinsic] public static void Barrier() => throw KernelOnly.Error();
}
