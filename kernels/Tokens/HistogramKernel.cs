namespace MmKernels.Kernels;

/// <summary>counts[b] = how many of x are b: tokens per expert, for example.</summary>
/// <remarks>
/// shapes  : x I32 of any shape -> counts I32 [bins]; numbers outside 0 .. bins - 1 are not counted
/// launch  : one launch that clears; then grid elements / 2048, group 256: each block counts in shared memory and adds what it found, for up to 2048 bins;
///           beyond that it adds to the result at once
/// traffic : x read once; memory bound
/// numbers : whole numbers, so that the order of the atomic additions does not matter: exact, the same bits run to run
/// </remarks>
public static class HistogramKernel
{
    private const int SharedBins = 2048;

    /// <summary>I32 [bins]: the counts of the numbers in x.</summary>
    public static Tensor Histogram(this Graph g, Tensor x, int bins)
    {
        g.Require(x.DType == DType.I32 && bins > 0, x);
        int elements = Elements.Count(g, x);
        Tensor counts = g.New(DType.I32, bins);
        g.Launch(new KernelRef(typeof(HistogramKernel), nameof(Clear)), Elements.Blocks(bins), Elements.GroupSize, counts, bins);
        g.Launch(new KernelRef(typeof(HistogramKernel), bins <= SharedBins ? nameof(CountShared) : nameof(Count)),
            Elements.Blocks(elements), Elements.GroupSize, x, counts, elements, bins);
        return counts;
    }

    internal static void Clear(Out<int> counts, int bins)
    {
        int end = Elements.End;
        for (int i = Elements.First; i < bins && i < end; i += Warp.WarpSize) counts[i] = 0;
    }

    internal static void CountShared(In<int> x, InOut<int> counts, int elements, int bins)
    {
        ArrayView<int> found = SharedMemory.Allocate<int>(SharedBins);
        for (int b = Group.IdxX; b < bins; b += Elements.GroupSize) found[b] = 0;
        Group.Barrier();
        int end = Elements.End;
        for (int i = Elements.First; i < elements && i < end; i += Warp.WarpSize)
        {
            int b = x[i];
            if (b >= 0 && b < bins) Atomic.Add(ref found[b], 1);
        }
        Group.Barrier();
        for (int b = Group.IdxX; b < bins; b += Elements.GroupSize)
            if (found[b] != 0) Atomic.Add(ref counts[b], found[b]);
    }

    internal static void Count(In<int> x, InOut<int> counts, int elements, int bins)
    {
        int end = Elements.End;
        for (int i = Elements.First; i < elements && i < end; i += Warp.WarpSize)
        {
            int b = x[i];
            if (b >= 0 && b < bins) Atomic.Add(ref counts[b], 1);
        }
    }

    public static void Reference(ReadOnlySpan<int> x, Span<int> counts)
    {
        counts.Clear();
        foreach (int b in x)
            if (b >= 0 && b < counts.Length) counts[b]++;
    }
}
