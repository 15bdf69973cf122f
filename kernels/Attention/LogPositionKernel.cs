using MmKernels.Kernels.Maths;

namespace MmKernels.Kernels;

/// <summary>y = x · max(1, ln(position + 1) / ln(trained)): queries grow beyond the context that a model was trained on, so that attention stays as sharp.</summary>
/// <remarks>
/// shapes  : x [tokens, width], positions I32 [tokens] -> y like x
/// launch  : one warp per token, group 128
/// traffic : each element read and written once; memory bound
/// numbers : the factor in f32 within 1e-6, one rounding to the storage type
/// source  : Qwen-7B, modeling_qwen.py (use_logn_attn)
/// </remarks>
public static class LogPositionKernel
{
    /// <summary>x with each row times its factor.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="x">[.., width], one row per token.</param>
    /// <param name="positions">I32, one per row, from 0.</param>
    /// <param name="trained">The context up to which the factor is 1, at least 2.</param>
    public static Tensor LogPosition(this Graph g, Tensor x, Tensor positions, int trained)
    {
        int rows = Rows.Count(g, x), width = x.Shape[^1];
        g.Require(positions.Shape.Elements == rows && trained >= 2, positions, x);
        Tensor y = g.New(x.DType, x.Shape.Dims);
        g.Launch(new KernelRef(typeof(LogPositionKernel), nameof(Kernel), KernelRef.Element(x.DType)), Rows.Blocks(rows), Rows.GroupSize,
            x, positions, y, rows, width, trained, 1f / MathF.Log2(trained));
        return y;
    }

    internal static void Kernel<T>(In<T> x, In<int> positions, Out<T> y, int rows, int width, int trained, float inverseLog2)
        where T : unmanaged, IElement<T>
    {
        int row = Rows.Row;
        if (row >= rows) return;
        int count = positions[row] + 1;
        float factor = count > trained ? XMath.Log2(count) * inverseLog2 : 1f;
        In<T> xs = x.SubView((long)row * width);
        Out<T> ys = y.SubView((long)row * width);
        for (int i = Warp.LaneIdx; i < width; i += Warp.WarpSize) ys[i] = (T)(xs[i] * factor);
    }

    public static void Reference(ReadOnlySpan<float> x, ReadOnlySpan<int> positions, Span<double> y, int trained)
    {
        int width = x.Length / positions.Length;
        for (int i = 0; i < x.Length; i++) y[i] = x[i] * Math.Max(1, Math.Log(positions[i / width] + 1.0) / Math.Log(trained));
    }
}
