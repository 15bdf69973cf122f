namespace MmKernels.Dialect;

/// <summary>Read-modify-write operations on global and shared memory that no other thread can interrupt. Each gives the value from before.</summary>
/// <remarks>The order between threads is not fixed: sums of floats differ from run to run. Integers do not.</remarks>
public static class Atomic
{
    [Intrinsic] public static int Add(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Add(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static long Add(ref long target, long value) => throw KernelOnly.Error();

    [Intrinsic] public static ulong Add(ref ulong target, ulong value) => throw KernelOnly.Error();

    [Intrinsic] public static float Add(ref float target, float value) => throw KernelOnly.Error();

    [Intrinsic] public static double Add(ref double target, double value) => throw KernelOnly.Error();

    [Intrinsic] public static int Min(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Min(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static long Min(ref long target, long value) => throw KernelOnly.Error();

    [Intrinsic] public static ulong Min(ref ulong target, ulong value) => throw KernelOnly.Error();

    [Intrinsic] public static int Max(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Max(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static long Max(ref long target, long value) => throw KernelOnly.Error();

    [Intrinsic] public static ulong Max(ref ulong target, ulong value) => throw KernelOnly.Error();

    [Intrinsic] public static int And(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint And(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static int Or(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Or(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static int Xor(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Xor(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static int Exchange(ref int target, int value) => throw KernelOnly.Error();

    [Intrinsic] public static uint Exchange(ref uint target, uint value) => throw KernelOnly.Error();

    [Intrinsic] public static float Exchange(ref float target, float value) => throw KernelOnly.Error();

    [Intrinsic] public static long Exchange(ref long target, long value) => throw KernelOnly.Error();

    /// <summary>Stores <paramref name="value"/> where the target equals <paramref name="compare"/>.</summary>
    [Intrinsic] public static int CompareExchange(ref int target, int compare, int value) => throw KernelOnly.Error();

    /// <inheritdoc cref="CompareExchange(ref int, int, int)"/>
    [Intrinsic] public static uint CompareExchange(ref uint target, uint compare, uint value) => throw KernelOnly.Error();

    /// <inheritdoc cref="CompareExchange(ref int, int, int)"/>
    [Intrinsic] public static long CompareExchange(ref long target, long compare, long value) => throw KernelOnly.Error();

    /// <inheritdoc cref="CompareExchange(ref int, int, int)"/>
    [Intrinsic] public static ulong CompareExchange(ref ulong target, ulong compare, ulong value) => throw KernelOnly.Error();
}

/// <summary>Orders a thread's memory accesses: what came before is seen before what comes after.</summary>
public static class MemoryFence
{
    /// <summary>For the threads of the group.</summary>
    [Intrinsic] public static void GroupLevel() => throw KernelOnly.Error();

    /// <summary>For all threads of the device.</summary>
    [Intrinsic] public static void DeviceLevel() => throw KernelOnly.Error();
}
