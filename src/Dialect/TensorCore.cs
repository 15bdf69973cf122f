namespace MmKernels.Dialect;

/// <summary>
/// Matrix products of a warp (mma.sync) and the loads that feed them. All 32 lanes take part. Fragments are spread over the lanes as the PTX manual draws
/// them; with g = lane / 4 and t = lane % 4, lane's part is
/// <code>
/// A [16, 16], two elements per register: X rows g,   columns 2t, 2t+1      Y rows g+8, columns 2t, 2t+1
///                                        Z rows g,   columns 2t+8, 2t+9    W rows g+8, columns 2t+8, 2t+9
/// B [16, 8]  , two elements per register: X rows 2t, 2t+1, column g         Y rows 2t+8, 2t+9, column g
/// C [16, 8]  : X, Y row g, columns 2t, 2t+1       Z, W row g+8, columns 2t, 2t+1
/// </code>
/// </summary>
public static class TensorCore
{
    /// <summary>a · b + c for bf16 factors and f32 sums: mma.m16n8k16.</summary>
    [Intrinsic] public static Vec4<float> MultiplyBF16(Vec4<uint> a, Vec2<uint> b, Vec4<float> c) => throw KernelOnly.Error();

    /// <summary>a · b + c for f16 factors and f32 sums: mma.m16n8k16.</summary>
    [Intrinsic] public static Vec4<float> MultiplyF16(Vec4<uint> a, Vec2<uint> b, Vec4<float> c) => throw KernelOnly.Error();

    /// <summary>
    /// ldmatrix.x4: four 8 x 8 matrices of 16-bit elements in shared memory. Lane l gives the address of row l % 8 of matrix l / 8, aligned at 16 bytes;
    /// it gets elements (l / 4, 2·(l % 4)) and the one behind of each matrix.
    /// </summary>
    [Intrinsic] public static Vec4<uint> LoadMatrices4<T>(ref T row) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>As <see cref="LoadMatrices4"/>, each matrix transposed.</summary>
    [Intrinsic] public static Vec4<uint> LoadMatrices4Transposed<T>(ref T row) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>ldmatrix.x2: two matrices; lanes 0 to 15 give the addresses of their rows.</summary>
    [Intrinsic] public static Vec2<uint> LoadMatrices2<T>(ref T row) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>As <see cref="LoadMatrices2"/>, each matrix transposed.</summary>
    [Intrinsic] public static Vec2<uint> LoadMatrices2Transposed<T>(ref T row) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Two floats rounded to bf16, the first in the lower half.</summary>
    [Intrinsic] public static uint PackBF16(float low, float high) => throw KernelOnly.Error();

    /// <summary>Two floats rounded to f16, the first in the lower half.</summary>
    [Intrinsic] public static uint PackF16(float low, float high) => throw KernelOnly.Error();
}

/// <summary>
/// Copies from global to shared memory that run beside the thread (cp.async). A thread starts copies, closes a group with <see cref="Commit"/>, and waits
/// with <see cref="Wait"/>; a group barrier then shows the bytes to the other threads.
/// </summary>
public static class AsyncCopy
{
    /// <summary>Starts to copy 16 bytes; both places must be aligned at 16 bytes.</summary>
    [Intrinsic] public static void Copy16<T>(ref T shared, In<T> from, long index) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>As <see cref="Copy16"/>, or 16 zero bytes where <paramref name="inside"/> is false; nothing is read then.</summary>
    [Intrinsic] public static void Copy16OrZero<T>(ref T shared, In<T> from, long index, bool inside) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Closes the group of copies started since the last one, even an empty group.</summary>
    [Intrinsic] public static void Commit() => throw KernelOnly.Error();

    /// <summary>Waits until at most so many of this thread's latest groups are still running; the number must be known when the kernel is compiled.</summary>
    [Intrinsic] public static void Wait(int groups) => throw KernelOnly.Error();
}
