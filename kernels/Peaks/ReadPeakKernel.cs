namespace MmKernels.Kernels;

/// <summary>y = sums over x: each element read once and next to nothing written, for measuring a device's memory.</summary>
/// <remarks>
/// shapes  : x [n] -> y [n / 256], n a multiple of 65536; y[16 i + j] sums the elements j, j + 16, .. of 4096 neighbours
/// launch  : grid n / 65536, group 256; 16 threads walk over 4096 neighbours
/// traffic : x read once; memory bound
/// numbers : f32, four sums per thread in ascending order
/// </remarks>
public static class ReadPeakKernel
{
    private const int GroupSize = 256, Lanes = 16, Run = 4096, PerBlock = GroupSize / Lanes * Run, Sums = 4;

    /// <summary>Reads x.</summary>
    public static Tensor ReadPeak(this Graph g, Tensor x)
    {
        g.Require(x.DType == DType.F32 && x.Shape.Elements > 0 && x.Shape.Elements % PerBlock == 0, x);
        Tensor y = g.New(DType.F32, (int)(x.Shape.Elements / (Run / Lanes)));
        g.Launch(new KernelRef(typeof(ReadPeakKernel), nameof(Kernel)), (int)(x.Shape.Elements / PerBlock), GroupSize, x, y);
        return y;
    }

    internal static void Kernel(In<float> x, Out<float> y)
    {
        int lane = Group.IdxX & (Lanes - 1);
        In<float> run = x.SubView((long)Grid.IdxX * PerBlock + (Group.IdxX >> 4) * Run);
        ArrayView<float> sums = LocalMemory.Allocate<float>(Sums);
        for (int s = Unroll.From(0); s < Sums; s++) sums[s] = 0f;
        for (int first = 0; first < Run; first += Sums * Lanes)
            for (int s = Unroll.From(0); s < Sums; s++) sums[s] += run.SubView(first)[lane + s * Lanes];
        y[Grid.IdxX * GroupSize + Group.IdxX] = sums[0] + sums[1] + (sums[2] + sums[3]);
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y)
    {
        for (int i = 0; i < x.Length; i++) y[i / Run * Lanes + i % Lanes] += x[i];
    }
}
