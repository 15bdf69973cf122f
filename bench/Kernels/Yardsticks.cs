using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MmKernels.Bench.Kernels;

/// <summary>Hand-written Vector512 code for what the kernels compute, on one thread or several: what this machine's .NET can do.</summary>
internal static class Yardsticks
{
    private const int Panel = 32;       // columns of a packed panel: two vectors
    private const int RowsAtOnce = 8;   // 16 accumulators
    private const int DepthBlock = 256; // a panel's block of k: 32 KB

    /// <summary>y = x · wᵀ; m a multiple of 8, n of 32. Packing is part of the work.</summary>
    public static void Gemm(float[] x, float[] w, float[] y, int m, int n, int k, int threads)
        => Parallel.For(0, n / Panel, new ParallelOptions { MaxDegreeOfParallelism = threads }, panel => GemmPanel(x, w, y, m, n, k, panel * Panel));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GemmPanel(float[] x, float[] w, float[] y, int m, int n, int k, int column)
    {
        Span<float> packed = stackalloc float[DepthBlock * Panel];
        for (int k0 = 0; k0 < k; k0 += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, k - k0);
            for (int j = 0; j < Panel; j++)
            {
                ReadOnlySpan<float> row = w.AsSpan((column + j) * k + k0, depth);
                for (int d = 0; d < row.Length; d++) packed[d * Panel + j] = row[d];
            }
            for (int row = 0; row < m; row += RowsAtOnce)
                Block(ref x[row * k + k0], k, ref MemoryMarshal.GetReference(packed), ref y[row * n + column], n, depth, k0 == 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(ref float x, int xStride, ref float w, ref float y, int yStride, int depth, bool first)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector512<float> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        ref float x1 = ref Unsafe.Add(ref x, xStride);
        ref float x2 = ref Unsafe.Add(ref x1, xStride);
        ref float x3 = ref Unsafe.Add(ref x2, xStride);
        ref float x4 = ref Unsafe.Add(ref x3, xStride);
        ref float x5 = ref Unsafe.Add(ref x4, xStride);
        ref float x6 = ref Unsafe.Add(ref x5, xStride);
        ref float x7 = ref Unsafe.Add(ref x6, xStride);
        for (nint i = 0; i < depth; i++)
        {
            Vector512<float> w0 = Vector512.LoadUnsafe(ref w, (nuint)(i * Panel)), w1 = Vector512.LoadUnsafe(ref w, (nuint)(i * Panel + 16));
            Vector512<float> v = Vector512.Create(Unsafe.Add(ref x, i));
            a0 = Vector512.FusedMultiplyAdd(v, w0, a0); a1 = Vector512.FusedMultiplyAdd(v, w1, a1);
            v = Vector512.Create(Unsafe.Add(ref x1, i));
            b0 = Vector512.FusedMultiplyAdd(v, w0, b0); b1 = Vector512.FusedMultiplyAdd(v, w1, b1);
            v = Vector512.Create(Unsafe.Add(ref x2, i));
            c0 = Vector512.FusedMultiplyAdd(v, w0, c0); c1 = Vector512.FusedMultiplyAdd(v, w1, c1);
            v = Vector512.Create(Unsafe.Add(ref x3, i));
            d0 = Vector512.FusedMultiplyAdd(v, w0, d0); d1 = Vector512.FusedMultiplyAdd(v, w1, d1);
            v = Vector512.Create(Unsafe.Add(ref x4, i));
            e0 = Vector512.FusedMultiplyAdd(v, w0, e0); e1 = Vector512.FusedMultiplyAdd(v, w1, e1);
            v = Vector512.Create(Unsafe.Add(ref x5, i));
            f0 = Vector512.FusedMultiplyAdd(v, w0, f0); f1 = Vector512.FusedMultiplyAdd(v, w1, f1);
            v = Vector512.Create(Unsafe.Add(ref x6, i));
            g0 = Vector512.FusedMultiplyAdd(v, w0, g0); g1 = Vector512.FusedMultiplyAdd(v, w1, g1);
            v = Vector512.Create(Unsafe.Add(ref x7, i));
            h0 = Vector512.FusedMultiplyAdd(v, w0, h0); h1 = Vector512.FusedMultiplyAdd(v, w1, h1);
        }
        Store(ref y, a0, a1, first);
        Store(ref Unsafe.Add(ref y, yStride), b0, b1, first);
        Store(ref Unsafe.Add(ref y, 2 * yStride), c0, c1, first);
        Store(ref Unsafe.Add(ref y, 3 * yStride), d0, d1, first);
        Store(ref Unsafe.Add(ref y, 4 * yStride), e0, e1, first);
        Store(ref Unsafe.Add(ref y, 5 * yStride), f0, f1, first);
        Store(ref Unsafe.Add(ref y, 6 * yStride), g0, g1, first);
        Store(ref Unsafe.Add(ref y, 7 * yStride), h0, h1, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float y, Vector512<float> v0, Vector512<float> v1, bool first)
    {
        if (!first)
        {
            v0 += Vector512.LoadUnsafe(ref y);
            v1 += Vector512.LoadUnsafe(ref y, 16);
        }
        v0.StoreUnsafe(ref y);
        v1.StoreUnsafe(ref y, 16);
    }

    /// <summary>The sum of all elements: memory read bandwidth.</summary>
    public static float Sum(float[] x, int threads)
    {
        int part = x.Length / threads / 64 * 64;
        var sums = new float[threads * 16];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread => sums[thread * 16] = SumPart(x.AsSpan(thread * part, part)));
        return sums.Sum();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumPart(ReadOnlySpan<float> x)
    {
        ref float first = ref MemoryMarshal.GetReference(x);
        Vector512<float> a = default, b = default, c = default, d = default;
        for (nuint i = 0; i < (nuint)x.Length; i += 64)
        {
            a += Vector512.LoadUnsafe(ref first, i);
            b += Vector512.LoadUnsafe(ref first, i + 16);
            c += Vector512.LoadUnsafe(ref first, i + 32);
            d += Vector512.LoadUnsafe(ref first, i + 48);
        }
        return Vector512.Sum(a + b + c + d);
    }

    /// <summary>RMSNorm row by row; columns a multiple of 32.</summary>
    public static void RmsNorm(float[] x, float[] w, float[] y, int columns, int threads)
        => Rows(x.Length / columns, threads, row => RmsNormRow(x.AsSpan(row * columns, columns), w, y.AsSpan(row * columns, columns)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RmsNormRow(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<float> y)
    {
        ref float xs = ref MemoryMarshal.GetReference(x), ws = ref MemoryMarshal.GetReference(w), ys = ref MemoryMarshal.GetReference(y);
        Vector512<float> a = default, b = default;
        for (nuint i = 0; i < (nuint)x.Length; i += 32)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref xs, i), v = Vector512.LoadUnsafe(ref xs, i + 16);
            a = Vector512.FusedMultiplyAdd(u, u, a);
            b = Vector512.FusedMultiplyAdd(v, v, b);
        }
        Vector512<float> scale = Vector512.Create(1f / MathF.Sqrt(Vector512.Sum(a + b) / x.Length + 1e-5f));
        for (nuint i = 0; i < (nuint)x.Length; i += 16) (Vector512.LoadUnsafe(ref xs, i) * scale * Vector512.LoadUnsafe(ref ws, i)).StoreUnsafe(ref ys, i);
    }

    /// <summary>LayerNorm row by row, the variance from the differences to the mean; columns a multiple of 32.</summary>
    public static void LayerNorm(float[] x, float[] w, float[] b, float[] y, int columns, int threads)
        => Rows(x.Length / columns, threads, row => LayerNormRow(x.AsSpan(row * columns, columns), w, b, y.AsSpan(row * columns, columns)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LayerNormRow(ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> b, Span<float> y)
    {
        ref float xs = ref MemoryMarshal.GetReference(x), ws = ref MemoryMarshal.GetReference(w), bs = ref MemoryMarshal.GetReference(b), ys = ref MemoryMarshal.GetReference(y);
        Vector512<float> even = default, odd = default;
        for (nuint i = 0; i < (nuint)x.Length; i += 32)
        {
            even += Vector512.LoadUnsafe(ref xs, i);
            odd += Vector512.LoadUnsafe(ref xs, i + 16);
        }
        Vector512<float> mean = Vector512.Create(Vector512.Sum(even + odd) / x.Length);
        even = odd = default;
        for (nuint i = 0; i < (nuint)x.Length; i += 32)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref xs, i) - mean, v = Vector512.LoadUnsafe(ref xs, i + 16) - mean;
            even = Vector512.FusedMultiplyAdd(u, u, even);
            odd = Vector512.FusedMultiplyAdd(v, v, odd);
        }
        Vector512<float> scale = Vector512.Create(1f / MathF.Sqrt(Vector512.Sum(even + odd) / x.Length + 1e-5f));
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
            Vector512.FusedMultiplyAdd((Vector512.LoadUnsafe(ref xs, i) - mean) * scale, Vector512.LoadUnsafe(ref ws, i), Vector512.LoadUnsafe(ref bs, i)).StoreUnsafe(ref ys, i);
    }

    /// <summary>Softmax row by row; columns a multiple of 16.</summary>
    public static void Softmax(float[] x, float[] y, int columns, int threads)
        => Rows(x.Length / columns, threads, row => SoftmaxRow(x.AsSpan(row * columns, columns), y.AsSpan(row * columns, columns)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxRow(ReadOnlySpan<float> x, Span<float> y)
    {
        ref float xs = ref MemoryMarshal.GetReference(x), ys = ref MemoryMarshal.GetReference(y);
        Vector512<float> top = Vector512.Create(float.NegativeInfinity), sum = default;
        for (nuint i = 0; i < (nuint)x.Length; i += 16) top = Vector512.Max(top, Vector512.LoadUnsafe(ref xs, i));
        float max = float.NegativeInfinity;
        for (int i = 0; i < 16; i++) max = MathF.Max(max, top[i]);
        Vector512<float> shift = Vector512.Create(max);
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
        {
            Vector512<float> e = Vector512.Exp(Vector512.LoadUnsafe(ref xs, i) - shift);
            sum += e;
            e.StoreUnsafe(ref ys, i);
        }
        Vector512<float> scale = Vector512.Create(1f / Vector512.Sum(sum));
        for (nuint i = 0; i < (nuint)x.Length; i += 16) (Vector512.LoadUnsafe(ref ys, i) * scale).StoreUnsafe(ref ys, i);
    }

    /// <summary>GELU by its tanh formula, as x · sigmoid.</summary>
    public static void GeluTanh(float[] x, float[] y, int threads)
        => Rows(x.Length / 4096, threads, row => GeluTanhRow(x.AsSpan(row * 4096, 4096), y.AsSpan(row * 4096, 4096)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GeluTanhRow(ReadOnlySpan<float> x, Span<float> y)
    {
        ref float xs = ref MemoryMarshal.GetReference(x), ys = ref MemoryMarshal.GetReference(y);
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref xs, i);
            Vector512<float> t = v * Vector512.FusedMultiplyAdd(v * v, Vector512.Create(-0.07135481f), Vector512.Create(-1.5957691f));
            (v / (Vector512<float>.One + Vector512.Exp(t))).StoreUnsafe(ref ys, i);
        }
    }

    /// <summary>GELU itself, x · Φ(x), as accurate as the kernel in both tails.</summary>
    public static void Gelu(float[] x, float[] y, int threads)
        => Rows(x.Length / 4096, threads, row => GeluRow(x.AsSpan(row * 4096, 4096), y.AsSpan(row * 4096, 4096)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GeluRow(ReadOnlySpan<float> x, Span<float> y)
    {
        ref float xs = ref MemoryMarshal.GetReference(x), ys = ref MemoryMarshal.GetReference(y);
        for (nuint i = 0; i < (nuint)x.Length; i += 16)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref xs, i), t = Vector512.Abs(v), s = v * v;
            Vector512<float> p = Vector512.FusedMultiplyAdd(s, Vector512.Create(-6.646799e-6f), Vector512.Create(1.1044784e-4f));
            p = Vector512.FusedMultiplyAdd(s, p, Vector512.Create(-1.1830897e-3f));
            p = Vector512.FusedMultiplyAdd(s, p, Vector512.Create(9.971905e-3f));
            p = Vector512.FusedMultiplyAdd(s, p, Vector512.Create(-6.6490144e-2f));
            p = Vector512.FusedMultiplyAdd(s, p, Vector512.Create(3.9894226e-1f));
            Vector512<float> centre = Vector512.FusedMultiplyAdd(v, p, Vector512.Create(0.5f));
            Vector512<float> u = Vector512<float>.One / Vector512.FusedMultiplyAdd(Vector512.Create(0.4f), t, Vector512<float>.One);
            Vector512<float> q = Vector512.FusedMultiplyAdd(u, Vector512.Create(7.088147e-2f), Vector512.Create(-1.9312745e-1f));
            q = Vector512.FusedMultiplyAdd(u, q, Vector512.Create(1.1187673e-1f));
            q = Vector512.FusedMultiplyAdd(u, q, Vector512.Create(5.2308202e-2f));
            q = Vector512.FusedMultiplyAdd(u, q, Vector512.Create(1.3986197e-1f));
            q = Vector512.FusedMultiplyAdd(u, q, Vector512.Create(1.5898426e-1f));
            q = Vector512.FusedMultiplyAdd(u, q, Vector512.Create(1.5960193e-1f));
            Vector512<float> lost = Vector512.FusedMultiplyAdd(v, v, -s);
            Vector512<float> tail = Vector512.Exp(Vector512.Create(-0.5f) * s) * Vector512.FusedMultiplyAdd(Vector512.Create(-0.5f), lost, Vector512<float>.One) * (u * q);
            Vector512<float> outside = Vector512.ConditionalSelect(Vector512.GreaterThan(v, default), Vector512<float>.One - tail, tail);
            (v * Vector512.ConditionalSelect(Vector512.GreaterThan(t, Vector512.Create(1.3f)), outside, centre)).StoreUnsafe(ref ys, i);
        }
    }

    private static void Rows(int rows, int threads, Action<int> row)
    {
        int part = (rows + threads - 1) / threads;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            for (int i = thread * part; i < Math.Min(rows, (thread + 1) * part); i++) row(i);
        });
    }
}
