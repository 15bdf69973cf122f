namespace MmKernels.Kernels;

/// <summary>y = f(x), element by element.</summary>
/// <remarks>
/// shapes  : x, y of any one shape
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : each element read and written once; memory bound
/// numbers : f in f32, one rounding to the storage type; within 4 ulp of f32 of Reference
/// </remarks>
public static class ActivationKernel
{
    /// <summary>f(x), of x's shape and type.</summary>
    public static Tensor Activate(this Graph g, Tensor x, Activation activation)
    {
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int elements = Elements.Count(g, x);
        g.Launch(new KernelRef(typeof(ActivationKernel), nameof(Kernel), KernelRef.Element(x.DType), activation.Function),
            Elements.Blocks(elements), Elements.GroupSize, x, y, elements);
        return y;
    }

    internal static void Kernel<T, TFunction>(In<T> x, Out<T> y, int elements)
        where T : unmanaged, IElement<T>
        where TFunction : struct, IActivation
    {
        int first = Elements.First, end = Elements.End;
        if (end <= elements)   // the same for a whole warp: no lane is switched off
        {
            for (int u = 0; u < Elements.Steps; u++) y[first + u * Warp.WarpSize] = (T)TFunction.Apply(x[first + u * Warp.WarpSize]);
        }
        else
        {
            for (int i = first; i < elements && i < end; i += Warp.WarpSize) y[i] = (T)TFunction.Apply(x[i]);
        }
    }

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, Activation activation)
    {
        for (int i = 0; i < x.Length; i++) y[i] = activation.Reference(x[i]);
    }
}
