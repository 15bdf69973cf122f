namespace MmKernels.Kernels;

/// <summary>How elementwise kernels spread over a grid: a block of 256 threads takes 1024 neighbours, each thread every 256th of them.</summary>
internal static class Elements
{
    public const int GroupSize = 256;

    public const int PerThread = 4;

    /// <summary>Inside a kernel: the thread's first element.</summary>
    public static int First => Grid.IdxX * (GroupSize * PerThread) + Group.IdxX;

    /// <summary>The number of a tensor's elements, which kernels index by 32-bit numbers.</summary>
    public static int Count(Graph g, Tensor x)
    {
        g.Require(x.Shape.Elements is > 0 and <= int.MaxValue - GroupSize * PerThread, x);
        return (int)x.Shape.Elements;
    }

    public static int Blocks(int elements) => (elements + GroupSize * PerThread - 1) / (GroupSize * PerThread);
}
