using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Runtime.Cpu.Jit;

/// <summary>
/// All lanes of a slice read or write 32-bit words at one distance from each other; called from generated code. Straight-line, because
/// a gather or scatter costs more than its 16 accesses, and built from registers, because small stores do not forward to a wide load.
/// </summary>
internal static unsafe class StridedAccess
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;

    public static MethodInfo Method(string name, int lanes) => typeof(StridedAccess).GetMethod(name + lanes)!;

    [MethodImpl(Fast)]
    public static void Scatter16(byte* place, long stride, int* values)
    {
        Scatter8(place, stride, values);
        Scatter8(place + 8 * stride, stride, values + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scatter8(byte* place, long stride, int* values)
    {
        Scatter4(place, stride, values);
        Scatter4(place + 4 * stride, stride, values + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scatter4(byte* place, long stride, int* values)
    {
        *(int*)place = values[0];
        *(int*)(place + stride) = values[1];
        *(int*)(place + 2 * stride) = values[2];
        *(int*)(place + 3 * stride) = values[3];
    }

    [MethodImpl(Fast)]
    public static void Gather16(byte* place, long stride, int* values)
        => Vector512.Create(
            Vector256.Create(Four(place, stride), Four(place + 4 * stride, stride)),
            Vector256.Create(Four(place + 8 * stride, stride), Four(place + 12 * stride, stride))).Store(values);

    [MethodImpl(Fast)]
    public static void Gather8(byte* place, long stride, int* values) => Vector256.Create(Four(place, stride), Four(place + 4 * stride, stride)).Store(values);

    [MethodImpl(Fast)]
    public static void Gather4(byte* place, long stride, int* values) => Four(place, stride).Store(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Four(byte* place, long stride)
        => Vector128.Create(*(int*)place, *(int*)(place + stride), *(int*)(place + 2 * stride), *(int*)(place + 3 * stride));
}
