namespace MmKernels.Kernels;

/// <summary>y = Σ chains of x ← x · a + b: as many multiply-adds as a device can do, for measuring its peak.</summary>
/// <remarks>
/// shapes  : y [threads], threads a multiple of 256
/// launch  : grid threads / 256, group 256; 12 independent chains per thread, started with thread mod 256 + chain
/// traffic : 24 · steps · threads operations, nothing read
/// numbers : f32, chains added in ascending order
/// </remarks>
public static class FmaPeakKernel
{
    private const int GroupSize = 256;

    /// <summary>Enough to hide the latency of two units, few enough for 16 registers.</summary>
    private const int Chains = 12;

    /// <summary>Operations of a run.</summary>
    public static double Operations(int threads, int steps) => 2.0 * Chains * steps * threads;

    /// <summary>Runs the chains.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="threads">A multiple of 256.</param>
    /// <param name="steps">Length of the chains.</param>
    /// <param name="a">Factor.</param>
    /// <param name="b">Summand.</param>
    public static Tensor FmaPeak(this Graph g, int threads, int steps, float a, float b)
    {
        Tensor y = g.New(DType.F32, threads);
        g.Require(threads % GroupSize == 0, y);
        g.Launch(new KernelRef(typeof(FmaPeakKernel), nameof(Kernel)), threads / GroupSize, GroupSize, y, steps, a, b);
        return y;
    }

    internal static void Kernel(Out<float> y, int steps, float a, float b)
    {
        ArrayView<float> x = LocalMemory.Allocate<float>(Chains);
        for (int c = Unroll.From(0); c < Chains; c++) x[c] = Group.IdxX + c;
        for (int s = 0; s < steps; s++)
            for (int c = Unroll.From(0); c < Chains; c++) x[c] = XMath.Fma(x[c], a, b);
        float sum = 0f;
        for (int c = Unroll.From(0); c < Chains; c++) sum += x[c];
        y[Grid.IdxX * GroupSize + Group.IdxX] = sum;
    }

    public static void Reference(Span<double> y, int steps, double a, double b)
    {
        for (int i = 0; i < y.Length; i++)
            for (int c = 0; c < Chains; c++)
            {
                double x = i % GroupSize + c;
                for (int s = 0; s < steps; s++) x = x * a + b;
                y[i] += x;
            }
    }
}
