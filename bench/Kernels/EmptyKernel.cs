using MmKernels.Dialect;
using MmKernels.Graphs;

namespace MmKernels.Bench.Kernels;

/// <summary>A kernel that does nothing: what is left is the launch.</summary>
internal static class EmptyKernel
{
    public static void Empty(this Graph g, Tensor y, int blocks, int group)
        => g.Launch(new KernelRef(typeof(EmptyKernel), nameof(Kernel)), blocks, group, y);

    internal static void Kernel(Out<float> y)
    {
    }
}
