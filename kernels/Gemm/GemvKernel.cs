namespace MmKernels.Kernels;

/// <summary>y = f(x · wᵀ + bias) + residual for one row x: what decoding one token needs.</summary>
/// <remarks>
/// shapes  : x [k], w [n, k], bias [n], residual [n] -> y [n]; any n, k ≥ 1
/// launch  : one warp per output, group 128
/// traffic : w read once; memory bound
/// numbers : 32 lanes sum every 32nd product in two f32 chains each, then a fixed tree; within k · 2^-24 · Σ|x·w| of Reference before rounding to the storage type
/// </remarks>
public static class GemvKernel
{
    /// <summary>y = f(x · wᵀ + bias) + residual for a single row; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemv(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        g.Require(x.Shape.Elements == k, x, w);
        g.Launch(new KernelRef(typeof(GemvKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function),
            Rows.Blocks(n), Rows.GroupSize, x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, n, k);
        return y;
    }

    internal static void Kernel<T, TW, TFunction>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
    {
        int row = Rows.Row;
        if (row >= n) return;
        int lane = Warp.LaneIdx;
        In<TW> ws = w.SubView((long)row * k);

        float even = 0f, odd = 0f;
        int i = lane;
        for (; i + Warp.WarpSize < k; i += 2 * Warp.WarpSize)
        {
            even = XMath.Fma(x[i], ws[i], even);
            odd = XMath.Fma(x[i + Warp.WarpSize], ws[i + Warp.WarpSize], odd);
        }
        if (i < k) even = XMath.Fma(x[i], ws[i], even);
        float sum = Rows.Sum(even + odd);

        if (lane == 0)
        {
            if (bias.View.IntLength > 0) sum += bias[row];
            float value = TFunction.Apply(sum);
            if (residual.View.IntLength > 0) value += residual[row];
            y[row] = (T)value;
        }
    }
}
