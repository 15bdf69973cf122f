namespace MmKernels.Kernels;

/// <summary>y = f(gate) · up, element by element; with f = SiLU this is SwiGLU, with GELU it is GeGLU.</summary>
/// <remarks>
/// shapes  : gate, up, y of any one shape
/// launch  : grid elements / 2048, group 256, eight elements per thread
/// traffic : two elements read, one written; memory bound
/// numbers : f in f32, one rounding to the storage type; within 4 ulp of f32 of Reference
/// source  : Shazeer 2020, arXiv:2002.05202
/// </remarks>
public static class SwiGluKernel
{
    /// <summary>silu(gate) · up.</summary>
    public static Tensor SwiGlu(this Graph g, Tensor gate, Tensor up) => g.GatedActivation(gate, up, Activation.Silu);

    /// <summary>f(gate) · up, of gate's shape and type.</summary>
    public static Tensor GatedActivation(this Graph g, Tensor gate, Tensor up, Activation activation)
    {
        g.Require(gate.Shape == up.Shape && gate.DType == up.DType, gate, up);
        Tensor y = g.New(gate.DType, gate.Shape.Dims);
        int elements = Elements.Count(g, gate);
        g.Launch(new KernelRef(typeof(SwiGluKernel), nameof(Kernel), KernelRef.Element(gate.DType), activation.Function),
            Elements.Blocks(elements), Elements.GroupSize, gate, up, y, elements);
        return y;
    }

    internal static void Kernel<T, TFunction>(In<T> gate, In<T> up, Out<T> y, int elements)
        where T : unmanaged, IElement<T>
        where TFunction : struct, IActivation
    {
        int first = Elements.First, end = Elements.End;
        if (end <= elements)   // the same for a whole warp: no lane is switched off
        {
            for (int u = 0; u < Elements.Steps; u++) y[first + u * Warp.WarpSize] = (T)(TFunction.Apply(gate[first + u * Warp.WarpSize]) * up[first + u * Warp.WarpSize]);
        }
        else
        {
            for (int i = first; i < elements && i < end; i += Warp.WarpSize) y[i] = (T)(TFunction.Apply(gate[i]) * up[i]);
        }
    }

    public static void Reference(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<double> y, Activation activation)
    {
        for (int i = 0; i < gate.Length; i++) y[i] = activation.Reference(gate[i]) * up[i];
    }
}
