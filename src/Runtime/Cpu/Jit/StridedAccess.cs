using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Writes a square of 16 rows that lie one after the other as columns: word j of a place is lane's value of row j.</summary>
    [MethodImpl(Fast)]
    public static void Turn16(byte* place, long stride, float* rows)
    {
        if (!Avx512F.IsSupported)
        {
            for (int row = 0; row < 16; row++) Scatter16(place + 4 * row, stride, (int*)rows + 16 * row);
            return;
        }
        Quads(rows, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Quads(rows + 64, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Quads(rows + 128, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        Quads(rows + 192, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        Columns(place, stride, a0, b0, c0, d0);
        Columns(place + stride, stride, a1, b1, c1, d1);
        Columns(place + 2 * stride, stride, a2, b2, c2, d2);
        Columns(place + 3 * stride, stride, a3, b3, c3, d3);
    }

    /// <summary>Four rows; quarter l of result q holds their values of lane 4 l + q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(float* rows, out Vector512<float> q0, out Vector512<float> q1, out Vector512<float> q2, out Vector512<float> q3)
    {
        Vector512<float> a = Vector512.Load(rows), b = Vector512.Load(rows + 16), c = Vector512.Load(rows + 32), d = Vector512.Load(rows + 48);
        Vector512<double> low = Avx512F.UnpackLow(a, b).AsDouble(), high = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> nextLow = Avx512F.UnpackLow(c, d).AsDouble(), nextHigh = Avx512F.UnpackHigh(c, d).AsDouble();
        q0 = Avx512F.UnpackLow(low, nextLow).AsSingle();
        q1 = Avx512F.UnpackHigh(low, nextLow).AsSingle();
        q2 = Avx512F.UnpackLow(high, nextHigh).AsSingle();
        q3 = Avx512F.UnpackHigh(high, nextHigh).AsSingle();
    }

    /// <summary>The lanes q, q + 4, q + 8 and q + 12, from quads of 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(byte* place, long stride, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        const byte Even = 0b10_00_10_00, Odd = 0b11_01_11_01;
        Vector512<float> even = Avx512F.Shuffle4x128(a, b, Even), odd = Avx512F.Shuffle4x128(a, b, Odd);
        Vector512<float> nextEven = Avx512F.Shuffle4x128(c, d, Even), nextOdd = Avx512F.Shuffle4x128(c, d, Odd);
        Avx512F.Shuffle4x128(even, nextEven, Even).Store((float*)place);
        Avx512F.Shuffle4x128(odd, nextOdd, Even).Store((float*)(place + 4 * stride));
        Avx512F.Shuffle4x128(even, nextEven, Odd).Store((float*)(place + 8 * stride));
        Avx512F.Shuffle4x128(odd, nextOdd, Odd).Store((float*)(place + 12 * stride));
    }

    /// <summary>As <see cref="Turn16"/>, of 8 rows.</summary>
    [MethodImpl(Fast)]
    public static void Turn8(byte* place, long stride, float* rows)
    {
        if (!Avx.IsSupported)
        {
            for (int row = 0; row < 8; row++) Scatter8(place + 4 * row, stride, (int*)rows + 8 * row);
            return;
        }
        Quads(rows, out Vector256<float> a0, out Vector256<float> a1, out Vector256<float> a2, out Vector256<float> a3);
        Quads(rows + 32, out Vector256<float> b0, out Vector256<float> b1, out Vector256<float> b2, out Vector256<float> b3);
        Columns(place, stride, a0, b0);
        Columns(place + stride, stride, a1, b1);
        Columns(place + 2 * stride, stride, a2, b2);
        Columns(place + 3 * stride, stride, a3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(float* rows, out Vector256<float> q0, out Vector256<float> q1, out Vector256<float> q2, out Vector256<float> q3)
    {
        Vector256<float> a = Vector256.Load(rows), b = Vector256.Load(rows + 8), c = Vector256.Load(rows + 16), d = Vector256.Load(rows + 24);
        Vector256<double> low = Avx.UnpackLow(a, b).AsDouble(), high = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> nextLow = Avx.UnpackLow(c, d).AsDouble(), nextHigh = Avx.UnpackHigh(c, d).AsDouble();
        q0 = Avx.UnpackLow(low, nextLow).AsSingle();
        q1 = Avx.UnpackHigh(low, nextLow).AsSingle();
        q2 = Avx.UnpackLow(high, nextHigh).AsSingle();
        q3 = Avx.UnpackHigh(high, nextHigh).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(byte* place, long stride, Vector256<float> a, Vector256<float> b)
    {
        Avx.Permute2x128(a, b, 0x20).Store((float*)place);
        Avx.Permute2x128(a, b, 0x31).Store((float*)(place + 4 * stride));
    }

    /// <summary>As <see cref="Turn16"/>, of 4 rows.</summary>
    [MethodImpl(Fast)]
    public static void Turn4(byte* place, long stride, float* rows)
    {
        for (int row = 0; row < 4; row++) Scatter4(place + 4 * row, stride, (int*)rows + 4 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Four(byte* place, long stride)
        => Vector128.Create(*(int*)place, *(int*)(place + stride), *(int*)(place + 2 * stride), *(int*)(place + 3 * stride));
}
