namespace MmKernels.Dialect;

/// <summary>Memory that the threads of a group share.</summary>
public static class SharedMemory
{
    /// <summary>A shared array; its length must be known when the kernel is compiled.</summary>
    [Intrinsic] public static ArrayView<T> Allocate<T>(int length) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The shared memory whose size the launch chooses. There is one: every call gives the same bytes.</summary>
    [Intrinsic] public static ArrayView<T> GetDynamic<T>() where T : unmanaged => throw KernelOnly.Error();
}

/// <summary>Memory of one thread; it lives in registers wherever every index is known when the kernel is compiled.</summary>
public static class LocalMemory
{
    /// <summary>A local array; its length must be known when the kernel is compiled.</summary>
    [Intrinsic] public static ArrayView<T> Allocate<T>(int length) where T : unmanaged => throw KernelOnly.Error();
}

/// <summary>Bit casts and sizes.</summary>
public static class Interop
{
    [Intrinsic] public static int FloatAsInt(float value) => BitConverter.SingleToInt32Bits(value);

    [Intrinsic] public static float IntAsFloat(int value) => BitConverter.Int32BitsToSingle(value);

    /// <summary>Bytes of an element.</summary>
    [Intrinsic] public static int SizeOf<T>() where T : unmanaged => System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
}

/// <summary>Directs the compiler's loop unrolling.</summary>
public static class Unroll
{
    /// <summary>
    /// The start of a loop that is unrolled completely: <c>for (int i = Unroll.From(0); i &lt; 8; i++)</c>. Every value computed from it alone is known
    /// when the kernel is compiled, so that arrays indexed by it stay in registers.
    /// </summary>
    [Intrinsic] public static int From(int start) => start;
}
