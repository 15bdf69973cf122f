using MmKernels.Dialect;
using MmKernels.Graphs;

namespace MmKernels.Tests;

/// <summary>z = a · x + y, one element per thread.</summary>
public static class SaxpyKernel
{
    private const int GroupSize = 256;

    public static Tensor Saxpy(this Graph g, float a, Tensor x, Tensor y)                       // the op: what models call
    {
        g.Require(x.Shape == y.Shape && x.DType == y.DType, x, y);
        Tensor z = g.New(x.DType, x.Shape.Dims);
        int n = (int)x.Shape.Elements;
        g.Launch(new KernelRef(typeof(SaxpyKernel), nameof(Kernel), KernelRef.Element(x.DType)),
            grid: (n + GroupSize - 1) / GroupSize, group: GroupSize, a, x, y, z, n);
        return z;
    }

    internal static void Kernel<T>(float a, In<T> x, In<T> y, Out<T> z, int n) where T : unmanaged, IElement<T>   // the kernel: what the device runs
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < n) z[i] = (T)(a * x[i] + y[i]);
    }
}
