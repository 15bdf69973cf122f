using MmKernels.Kernels.Maths;

namespace MmKernels.Kernels;

/// <summary>Rotary positions, half rotation: dimensions j and j + half of a head turn by the angle position · inverseFrequency[j].</summary>
/// <remarks>
/// shapes  : x [tokens, heads · headDim], positions I32 [tokens], inverseFrequencies F32 [half] with 2 · half ≤ headDim -> y like x;
///           dimensions from 2 · half on are copied
/// launch  : one block of 128 threads per token; its four warps share the heads, a lane computes sin and cos once for all of its warp's heads
/// traffic : each element read and written once; memory bound
/// numbers : the angle is the f32 product, as in PyTorch; sin and cos within 2e-7 of that angle's; within 1e-6 · |pair| of Reference before rounding to the storage type
/// source  : Su et al. 2021, arXiv:2104.09864; halves as in GPT-NeoX and LLaMA on the hub
/// </remarks>
public static class RotaryKernel
{
    private const int Warps = 4;

    /// <summary>x turned by its positions.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., heads · headDim], one row per token.</param>
    /// <param name="positions">I32, one per row.</param>
    /// <param name="inverseFrequencies">F32 [half]; 2 · half dimensions of each head turn.</param>
    /// <param name="heads">Heads in a row of x.</param>
    /// <param name="magnitude">Factor of sin and cos (attention scaling of YaRN and LongRoPE).</param>
    public static Tensor Rotary(this Graph g, Tensor x, Tensor positions, Tensor inverseFrequencies, int heads, float magnitude = 1f)
    {
        int rows = Rows.Count(g, x), width = x.Shape[^1];
        g.Require(heads > 0 && width % heads == 0, x);
        int headDim = width / heads;
        g.Require(inverseFrequencies.Shape.Rank == 1 && inverseFrequencies.Shape[0] > 0 && 2 * inverseFrequencies.Shape[0] <= headDim, inverseFrequencies, x);
        g.Require(positions.Shape.Elements == rows, positions, x);
        int half = inverseFrequencies.Shape[0];
        Tensor y = g.New(x.DType, x.Shape.Dims);
        g.Launch(new KernelRef(typeof(RotaryKernel), nameof(Kernel), KernelRef.Element(x.DType)), rows, Warps * Warp.WarpSize,
            x, positions, inverseFrequencies, y, heads, headDim, half, magnitude);
        return y;
    }

    internal static void Kernel<T>(In<T> x, In<int> positions, In<float> inverseFrequencies, Out<T> y, int heads, int headDim, int half, float magnitude)
        where T : unmanaged, IElement<T>
    {
        long row = (long)Grid.IdxX * heads * headDim;
        In<T> xs = x.SubView(row);
        Out<T> ys = y.SubView(row);
        float position = positions[Grid.IdxX];
        for (int j = Warp.LaneIdx; j < half; j += Warp.WarpSize)
        {
            KernelMath.SinCos(position * inverseFrequencies[j], out float sin, out float cos);
            sin *= magnitude;
            cos *= magnitude;
            for (int head = Warp.WarpIdx; head < heads; head += Warps)
            {
                int first = head * headDim + j;
                float a = xs[first], b = xs[first + half];
                ys[first] = (T)XMath.Fma(a, cos, -(b * sin));
                ys[first + half] = (T)XMath.Fma(b, cos, a * sin);
            }
        }
        for (int d = 2 * half + Warp.LaneIdx; d < headDim; d += Warp.WarpSize)
            for (int head = Warp.WarpIdx; head < heads; head += Warps)
                ys[head * headDim + d] = xs[head * headDim + d];
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<int> positions, ReadOnlySpan<float> inverseFrequencies, Span<double> y, int heads, int headDim, double magnitude)
    {
        int half = inverseFrequencies.Length;
        for (int head = 0; head < x.Length / headDim; head++)
            for (int j = 0; j < headDim; j++)
            {
                int at = head * headDim + j;
                y[at] = x[at];
                if (j >= 2 * half) continue;
                float angle = positions[head / heads] * inverseFrequencies[j % half];   // rounded to f32, as the angle is defined
                double other = j < half ? -x[at + half] : x[at - half];
                y[at] = magnitude * (x[at] * Math.Cos(angle) + other * Math.Sin(angle));
            }
    }
}
