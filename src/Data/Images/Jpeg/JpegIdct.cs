using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MmKernels.Data.Images.Jpeg;

/// <summary>
/// The inverse DCT of libjpeg's "islow" (Loeffler, Ligtenberg, Moschytz 1989) in 13-bit fixed point, eight columns at a time. Its roundings decide the bytes:
/// columns first with a shift of 11, then rows with 18, then +128 and the clamp.
/// </summary>
internal static unsafe class JpegIdct
{
    /// <summary>Samples of a block whose only coefficient is the (dequantised) DC: what <see cref="Block"/> gives, in one division.</summary>
    public static void FlatBlock(int dc, byte* target, int stride)
    {
        ulong row = (ulong)Math.Clamp(((dc + 4) >> 3) + 128, 0, 255) * 0x0101010101010101ul;
        for (int y = 0; y < 8; y++) *(ulong*)(target + y * stride) = row;
    }

    /// <summary>Dequantises 64 coefficients (natural order), transforms them and writes 8 rows of 8 samples.</summary>
    public static void Block(short* coefficients, int* quantisation, byte* target, int stride)
    {
        Vector256<int> r0 = Load(coefficients, quantisation, 0), r1 = Load(coefficients, quantisation, 1);
        Vector256<int> r2 = Load(coefficients, quantisation, 2), r3 = Load(coefficients, quantisation, 3);
        Vector256<int> r4 = Load(coefficients, quantisation, 4), r5 = Load(coefficients, quantisation, 5);
        Vector256<int> r6 = Load(coefficients, quantisation, 6), r7 = Load(coefficients, quantisation, 7);
        Transform(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, 11);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Transform(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, 18);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Store(r0, target);
        Store(r1, target + stride);
        Store(r2, target + 2 * stride);
        Store(r3, target + 3 * stride);
        Store(r4, target + 4 * stride);
        Store(r5, target + 5 * stride);
        Store(r6, target + 6 * stride);
        Store(r7, target + 7 * stride);
    }

    private static Vector256<int> Load(short* coefficients, int* quantisation, int row)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.Load(coefficients + 8 * row));
        return Vector256.Create(low, high) * Vector256.Load(quantisation + 8 * row);
    }

    private static void Transform(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7, int shift)
    {
        Vector256<int> z = (r2 + r6) * 4433;
        Vector256<int> t2 = z - r6 * 15137, t3 = z + r2 * 6270;
        Vector256<int> t0 = (r0 + r4) << 13, t1 = (r0 - r4) << 13;
        Vector256<int> half = Vector256.Create(1 << (shift - 1));
        Vector256<int> e0 = t0 + t3 + half, e3 = t0 - t3 + half, e1 = t1 + t2 + half, e2 = t1 - t2 + half;

        Vector256<int> z5 = (r7 + r3 + r5 + r1) * 9633;
        Vector256<int> z1 = (r7 + r1) * -7373, z2 = (r5 + r3) * -20995;
        Vector256<int> z3 = (r7 + r3) * -16069 + z5, z4 = (r5 + r1) * -3196 + z5;
        Vector256<int> o0 = r7 * 2446 + z1 + z3, o1 = r5 * 16819 + z2 + z4, o2 = r3 * 25172 + z2 + z3, o3 = r1 * 12299 + z1 + z4;

        r0 = (e0 + o3) >> shift;
        r1 = (e1 + o2) >> shift;
        r2 = (e2 + o1) >> shift;
        r3 = (e3 + o0) >> shift;
        r4 = (e3 - o0) >> shift;
        r5 = (e2 - o1) >> shift;
        r6 = (e1 - o2) >> shift;
        r7 = (e0 - o3) >> shift;
    }

    private static void Transpose(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7)
    {
        if (!Avx2.IsSupported)
        {
            TransposeByLanes(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
            return;
        }
        Vector256<int> a0 = Avx2.UnpackLow(r0, r1), a1 = Avx2.UnpackHigh(r0, r1), a2 = Avx2.UnpackLow(r2, r3), a3 = Avx2.UnpackHigh(r2, r3);
        Vector256<int> a4 = Avx2.UnpackLow(r4, r5), a5 = Avx2.UnpackHigh(r4, r5), a6 = Avx2.UnpackLow(r6, r7), a7 = Avx2.UnpackHigh(r6, r7);
        Vector256<long> b0 = Avx2.UnpackLow(a0.AsInt64(), a2.AsInt64()), b1 = Avx2.UnpackHigh(a0.AsInt64(), a2.AsInt64());
        Vector256<long> b2 = Avx2.UnpackLow(a1.AsInt64(), a3.AsInt64()), b3 = Avx2.UnpackHigh(a1.AsInt64(), a3.AsInt64());
        Vector256<long> b4 = Avx2.UnpackLow(a4.AsInt64(), a6.AsInt64()), b5 = Avx2.UnpackHigh(a4.AsInt64(), a6.AsInt64());
        Vector256<long> b6 = Avx2.UnpackLow(a5.AsInt64(), a7.AsInt64()), b7 = Avx2.UnpackHigh(a5.AsInt64(), a7.AsInt64());
        r0 = Avx2.Permute2x128(b0, b4, 0x20).AsInt32();
        r1 = Avx2.Permute2x128(b1, b5, 0x20).AsInt32();
        r2 = Avx2.Permute2x128(b2, b6, 0x20).AsInt32();
        r3 = Avx2.Permute2x128(b3, b7, 0x20).AsInt32();
        r4 = Avx2.Permute2x128(b0, b4, 0x31).AsInt32();
        r5 = Avx2.Permute2x128(b1, b5, 0x31).AsInt32();
        r6 = Avx2.Permute2x128(b2, b6, 0x31).AsInt32();
        r7 = Avx2.Permute2x128(b3, b7, 0x31).AsInt32();
    }

    private static void TransposeByLanes(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7)
    {
        int* rows = stackalloc int[64];
        r0.Store(rows);
        r1.Store(rows + 8);
        r2.Store(rows + 16);
        r3.Store(rows + 24);
        r4.Store(rows + 32);
        r5.Store(rows + 40);
        r6.Store(rows + 48);
        r7.Store(rows + 56);
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < y; x++)
                (rows[y * 8 + x], rows[x * 8 + y]) = (rows[x * 8 + y], rows[y * 8 + x]);
        r0 = Vector256.Load(rows);
        r1 = Vector256.Load(rows + 8);
        r2 = Vector256.Load(rows + 16);
        r3 = Vector256.Load(rows + 24);
        r4 = Vector256.Load(rows + 32);
        r5 = Vector256.Load(rows + 40);
        r6 = Vector256.Load(rows + 48);
        r7 = Vector256.Load(rows + 56);
    }

    private static void Store(Vector256<int> samples, byte* target)
    {
        Vector256<int> clamped = Vector256.Min(Vector256.Max(samples + Vector256.Create(128), Vector256<int>.Zero), Vector256.Create(255));
        Vector128<short> words = Vector128.Narrow(clamped.GetLower(), clamped.GetUpper());
        *(ulong*)target = Vector128.Narrow(words.AsUInt16(), words.AsUInt16()).AsUInt64().ToScalar();
    }
}
