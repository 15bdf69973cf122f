using MmKernels.Dialect;
using MmKernels.Graphs;

namespace MmKernels.Tests;

internal struct Pair
{
    public short Left;
    public long Right;
}

internal struct Weights
{
    public byte Count;
    public Pair Inner;
    public F16 Half;
    public bool IsOn;
    public double Scale;
}

/// <summary>Small kernels and their ops, as a user of the graph would write them.</summary>
internal static class TestKernels
{
    public static Tensor Scale(this Graph g, Tensor x, float factor)
    {
        Tensor y = g.New(x.DType, x.Shape.Dims);
        int n = (int)x.Shape.Elements;
        g.Launch(new KernelRef(typeof(TestKernels), nameof(ScaleKernel), KernelRef.Element(x.DType)), (n + 63) / 64, 64, x, y, n, factor);
        return y;
    }

    public static void AddInto(this Graph g, Tensor x, Tensor sum)
    {
        int n = (int)x.Shape.Elements;
        g.Launch(new KernelRef(typeof(TestKernels), nameof(AddIntoKernel)), (n + 63) / 64, 64, x, sum, n);
    }

    internal static void ScaleKernel<T>(In<T> x, Out<T> y, int n, float factor) where T : unmanaged, IElement<T>
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < n) y[i] = (T)(x[i] * factor);
    }

    internal static void WeighKernel(byte before, Weights weights, Out<double> y)
    {
        y[0] = weights.Inner.Left;
        y[1] = weights.Inner.Right;
        y[2] = weights.Scale;
        y[3] = weights.IsOn ? weights.Half : -1f;
        y[4] = weights.Count + before;
    }

    internal static void AddIntoKernel(In<F32> x, InOut<F32> sum, int n)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < n) sum[i] = (F32)(sum[i] + x[i]);
    }
}
