using MmKernels.Kernels.Maths;

namespace MmKernels.Kernels;

/// <summary>Rotary positions: the two dimensions of pair j of a head turn by the angle position · inverseFrequency[j].</summary>
/// <remarks>
/// shapes  : x [tokens, heads · headDim], positions I32 [tokens] or [2, tokens], inverseFrequencies F32 [half] with 2 · half ≤ headDim -> y like x;
///           pair j are the dimensions j and j + half, or 2 j and 2 j + 1; dimensions from 2 · half on are copied;
///           of two rows of positions, even heads turn by the first and odd ones by the second
/// launch  : one block of 128 threads per token; its four warps share the heads, a lane computes sin and cos once for all of its warp's heads
/// traffic : each element read and written once; memory bound
/// numbers : the angle is the f32 product, as in PyTorch; sin and cos within 2e-7 of that angle's; within 1e-6 · |pair| of Reference before rounding to the storage type
/// source  : Su et al. 2021, arXiv:2104.09864; halves as in GPT-NeoX and LLaMA on the hub, neighbours as in GPT-J
/// </remarks>
public static class RotaryKernel
{
    private const int Warps = 4;

    /// <summary>x turned by its positions.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., heads · headDim], one row per token.</param>
    /// <param name="positions">I32 [rows], or [2, rows] for heads that turn by one and the other in turn.</param>
    /// <param name="inverseFrequencies">F32 [half]; 2 · half dimensions of each head turn.</param>
    /// <param name="heads">Heads in a row of x.</param>
    /// <param name="magnitude">Factor of sin and cos (attention scaling of YaRN and LongRoPE).</param>
    /// <param name="pairs">Which dimensions turn together; halves where left out.</param>
    public static Tensor Rotary(this Graph g, Tensor x, Tensor positions, Tensor inverseFrequencies, int heads, float magnitude = 1f, RotaryPairs? pairs = null)
    {
        int rows = Rows.Count(g, x), width = x.Shape[^1];
        g.Require(heads > 0 && width % heads == 0, x);
        int headDim = width / heads;
        g.Require(inverseFrequencies.Shape.Rank == 1 && inverseFrequencies.Shape[0] > 0 && 2 * inverseFrequencies.Shape[0] <= headDim, inverseFrequencies, x);
        g.Require(positions.Shape.Elements == rows || positions.Shape.Elements == 2 * rows, positions, x);
        int half = inverseFrequencies.Shape[0];
        Tensor y = g.New(x.DType, x.Shape.Dims);
        g.Launch(new KernelRef(typeof(RotaryKernel), nameof(Kernel), KernelRef.Element(x.DType), (pairs ?? RotaryPairs.Halves).Function), rows, Warps * Warp.WarpSize,
            x, positions, inverseFrequencies, y, (int)(positions.Shape.Elements / rows), heads, headDim, half, magnitude);
        return y;
    }

    internal static void Kernel<T, TPairs>(In<T> x, In<int> positions, In<float> inverseFrequencies, Out<T> y, int axes, int heads, int headDim, int half, float magnitude)
        where T : unmanaged, IElement<T>
        where TPairs : struct, IRotaryPairs
    {
        long row = (long)Grid.IdxX * heads * headDim;
        In<T> xs = x.SubView(row);
        Out<T> ys = y.SubView(row);
        float position = positions[axes == 1 ? Grid.IdxX : (Warp.WarpIdx & 1) * Grid.DimX + Grid.IdxX];   // a warp's heads are all even or all odd
        for (int j = Warp.LaneIdx; j < half; j += Warp.WarpSize)
        {
            XMath.SinCos(position * inverseFrequencies[j], out float sin, out float cos);
            sin *= magnitude;
            cos *= magnitude;
            for (int head = Warp.WarpIdx; head < heads; head += Warps)
            {
                int one = head * headDim + TPairs.First(j, half), other = head * headDim + TPairs.Second(j, half);
                float a = xs[one], b = xs[other];
                ys[one] = (T)XMath.Fma(a, cos, -(b * sin));
                ys[other] = (T)XMath.Fma(b, cos, a * sin);
            }
        }
        for (int d = 2 * half + Warp.LaneIdx; d < headDim; d += Warp.WarpSize)
            for (int head = Warp.WarpIdx; head < heads; head += Warps)
                ys[head * headDim + d] = xs[head * headDim + d];
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<int> positions, ReadOnlySpan<float> inverseFrequencies, Span<double> y, int heads, int headDim, double magnitude, bool neighbours = false)
    {
        int half = inverseFrequencies.Length, rows = x.Length / headDim / heads, axes = positions.Length / rows;
        for (int head = 0; head < x.Length / headDim; head++)
            for (int j = 0; j < headDim; j++)
            {
                int at = head * headDim + j;
                y[at] = x[at];
                if (j >= 2 * half) continue;
                int pair = neighbours ? j / 2 : j % half, step = neighbours ? 1 : half;
                bool first = neighbours ? j % 2 == 0 : j < half;
                float angle = positions[head % heads % axes * rows + head / heads] * inverseFrequencies[pair];   // rounded to f32, as the angle is defined
                double other = first ? -x[at + step] : x[at - step];
                y[at] = magnitude * (x[at] * Math.Cos(angle) + other * Math.Sin(angle));
            }
    }
}
