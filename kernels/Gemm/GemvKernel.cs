namespace MmKernels.Kernels;

/// <summary>y = f(x · wᵀ + bias) + residual for one row x: what decoding one token needs.</summary>
/// <remarks>
/// shapes  : x [k], w [n, k], bias [n], residual [n] -> y [n]; any n, k ≥ 1
/// launch  : one warp per eight outputs, group 128
/// traffic : w read once; memory bound
/// numbers : 32 lanes sum every 32nd product in ascending order, then a fixed tree; within k · 2^-22 · rms(x) · rms(w) of Reference before f and the rounding to the storage type
/// </remarks>
public static class GemvKernel
{
    private const int Outputs = 8;   // of a warp, so that x is read once for eight rows of w

    /// <summary>y = f(x · wᵀ + bias) + residual for a single row; see <see cref="LinearOp.Linear"/>.</summary>
    public static Tensor Gemv(this Graph g, Tensor x, Tensor w, Tensor? bias = null, Tensor? residual = null, Activation? activation = null)
    {
        Tensor y = LinearShapes.Result(g, x, w, bias, residual);
        int n = w.Shape[0], k = w.Shape[1];
        g.Require(x.Shape.Elements == k, x, w);
        g.Launch(new KernelRef(typeof(GemvKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(w.DType), (activation ?? Activation.None).Function),
            Rows.Blocks((n + Outputs - 1) / Outputs), Rows.GroupSize, x, w, bias ?? LinearShapes.None(g, w.DType), residual ?? LinearShapes.None(g, x.DType), y, n, k);
        return y;
    }

    internal static void Kernel<T, TW, TFunction>(In<T> x, In<TW> w, In<TW> bias, In<T> residual, Out<T> y, int n, int k)
        where T : unmanaged, IElement<T>
        where TW : unmanaged, IElement<TW>
        where TFunction : struct, IActivation
    {
        ArrayView<float> sums = LocalMemory.Allocate<float>(Outputs);
        int first = Rows.Row * Outputs;
        int lane = Warp.LaneIdx;
        int whole = Rows.Whole(k);
        for (int r = Unroll.From(0); r < Outputs; r++) sums[r] = 0f;

        // Beyond the last row the last one is read again; nobody stores what comes of it.
        Warp.Barrier();   // makes the CPU take the warp's 32 lanes side by side, so that it reads w from front to end once
        for (int step = 0; step < whole; step += Warp.WarpSize)
        {
            float value = x.SubView(step)[lane];
            for (int r = Unroll.From(0); r < Outputs; r++) sums[r] = XMath.Fma(value, w.SubView((long)XMath.Min(first + r, n - 1) * k + step)[lane], sums[r]);
        }
        Group.Barrier();   // parts the loop from the rest for the CPU, which compiles from barrier to barrier: the sums stay in registers
        if (whole + lane < k)
        {
            float value = x[whole + lane];
            for (int r = Unroll.From(0); r < Outputs; r++) sums[r] = XMath.Fma(value, w[(long)XMath.Min(first + r, n - 1) * k + whole + lane], sums[r]);
        }

        for (int r = Unroll.From(0); r < Outputs; r++)
        {
            float sum = Rows.Sum(sums[r]);
            int row = first + r;
            if (lane == r && row < n)
            {
                if (bias.View.IntLength > 0) sum += bias[row];
                float value = TFunction.Apply(sum);
                if (residual.View.IntLength > 0) value += residual[row];
                y[row] = (T)value;
            }
        }
    }
}
