namespace MmKernels.Kernels;

/// <summary>y = a + b, where b may be repeated over a's leading dimensions.</summary>
/// <remarks>
/// shapes  : a [.., rest], b [rest] -> y [.., rest]
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : each element read and written once; memory bound
/// numbers : one f32 addition, one rounding to the storage type: exact to half an ulp
/// </remarks>
public static class AddKernel
{
    /// <summary>a + b, of a's shape and type; b's shape is a's, or the end of it.</summary>
    public static Tensor Add(this Graph g, Tensor a, Tensor b)
    {
        g.Require(b.Shape.Rank <= a.Shape.Rank && a.Shape.Dims[^b.Shape.Rank..].SequenceEqual(b.Shape.Dims), a, b);
        Tensor y = g.New(a.DType, a.Shape.Dims);
        int elements = Elements.Count(g, a);
        g.Launch(new KernelRef(typeof(AddKernel), nameof(Kernel), KernelRef.Element(a.DType), KernelRef.Element(b.DType)),
            Elements.Blocks(elements), Elements.GroupSize, a, b, y, elements, (int)b.Shape.Elements);
        return y;
    }

    internal static void Kernel<T, TB>(In<T> a, In<TB> b, Out<T> y, int elements, int period)
        where T : unmanaged, IElement<T>
        where TB : unmanaged, IElement<TB>
    {
        int first = Elements.First, end = Elements.End;
        if (period < elements)
        {
            for (int i = first; i < elements && i < end; i += Warp.WarpSize) y[i] = (T)((float)a[i] + (float)b[i % period]);
        }
        else if (end <= elements)   // the same for a whole warp: no lane is switched off
        {
            for (int u = 0; u < Elements.Steps; u++) y[first + u * Warp.WarpSize] = (T)((float)a[first + u * Warp.WarpSize] + (float)b[first + u * Warp.WarpSize]);
        }
        else
        {
            for (int i = first; i < elements && i < end; i += Warp.WarpSize) y[i] = (T)((float)a[i] + (float)b[i]);
        }
    }

    public static void Reference(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<double> y)
    {
        for (int i = 0; i < a.Length; i++) y[i] = (double)a[i] + b[i % b.Length];
    }
}
