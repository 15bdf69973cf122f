using MmKernels.Kernels.Maths;

namespace MmKernels.Kernels;

/// <summary>y = cap · tanh(x / cap), element by element: numbers kept between -cap and cap.</summary>
/// <remarks>
/// shapes  : x, y of any one shape
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : each element read and written once; memory bound
/// numbers : tanh in f32, one rounding to the storage type; within 5e-7 · cap of Reference
/// source  : Gemma team 2024, arXiv:2408.00118
/// </remarks>
public static class SoftCapKernel
{
    /// <summary>cap · tanh(x / cap), of x's shape and type.</summary>
    public static Tensor SoftCap(this Graph g, Tensor x, float cap)
    {
        g.Require(cap > 0f, x);
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int elements = Elements.Count(g, x);
        g.Launch(new KernelRef(typeof(SoftCapKernel), nameof(Kernel), KernelRef.Element(x.DType)), Elements.Blocks(elements), Elements.GroupSize, x, y, elements, cap);
        return y;
    }

    internal static void Kernel<T>(In<T> x, Out<T> y, int elements, float cap) where T : unmanaged, IElement<T>
    {
        int end = Elements.End;
        for (int i = Elements.First; i < elements && i < end; i += Warp.WarpSize) y[i] = (T)Apply(x[i], cap);
    }

    /// <summary>Inside a kernel: cap · tanh(x / cap).</summary>
    internal static float Apply(float x, float cap) => cap * XMath.Fma(2f, KernelMath.Sigmoid(2f * x / cap), -1f);

    public static void Reference(ReadOnlySpan<float> x, Span<double> y, double cap)
    {
        for (int i = 0; i < x.Length; i++) y[i] = cap * Math.Tanh(x[i] / cap);
    }
}
