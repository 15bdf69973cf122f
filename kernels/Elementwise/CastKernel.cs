namespace MmKernels.Kernels;

/// <summary>The same numbers in another storage type.</summary>
/// <remarks>
/// shapes  : x, y of any one shape
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : each element read and written once; memory bound
/// numbers : widening is exact; narrowing rounds to nearest, ties to even
/// </remarks>
public static class CastKernel
{
    /// <summary>x as <paramref name="type"/>; x itself where it has that type already.</summary>
    public static Tensor Cast(this Graph g, Tensor x, DType type) => x.DType == type ? x : g.Copy(x, type);

    /// <summary>A new tensor with x's numbers, in x's type or another.</summary>
    public static Tensor Copy(this Graph g, Tensor x, DType? type = null)
    {
        Tensor y = g.New(type ?? x.DType, x.Shape.Dims);
        int elements = Elements.Count(g, x);
        g.Launch(new KernelRef(typeof(CastKernel), nameof(Kernel), KernelRef.Element(x.DType), KernelRef.Element(y.DType)),
            Elements.Blocks(elements), Elements.GroupSize, x, y, elements);
        return y;
    }

    internal static void Kernel<T, TY>(In<T> x, Out<TY> y, int elements)
        where T : unmanaged, IElement<T>
        where TY : unmanaged, IElement<TY>
    {
        int first = Elements.First, end = Elements.End;
        if (end <= elements)   // the same for a whole warp: no lane is switched off
        {
            for (int u = 0; u < Elements.Steps; u++) y[first + u * Warp.WarpSize] = (TY)(float)x[first + u * Warp.WarpSize];
        }
        else
        {
            for (int i = first; i < elements && i < end; i += Warp.WarpSize) y[i] = (TY)(float)x[i];
        }
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y)
    {
        for (int i = 0; i < x.Length; i++) y[i] = x[i];
    }
}
