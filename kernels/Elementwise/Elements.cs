namespace MmKernels.Kernels;

/// <summary>
/// How elementwise kernels spread over a grid: a block of 256 threads takes 2048 neighbours, each of its warps 256 of them in eight steps of 32.
/// </summary>
internal static class Elements
{
    public const int GroupSize = 256;

    /// <summary>Elements of a thread.</summary>
    public const int Steps = 8;

    public const int PerBlock = GroupSize * Steps;

    private const int PerWarp = Steps * Warp.WarpSize;

    /// <summary>Inside a kernel: the thread's first element; the next are <see cref="Warp.WarpSize"/> apart.</summary>
    public static int First => Grid.IdxX * PerBlock + Warp.WarpIdx * PerWarp + Warp.LaneIdx;

    /// <summary>Inside a kernel: the end of the warp's elements, were there enough of them.</summary>
    public static int End => Grid.IdxX * PerBlock + (Warp.WarpIdx + 1) * PerWarp;

    /// <summary>The number of a tensor's elements, which kernels index by 32-bit numbers.</summary>
    public static int Count(Graph g, Tensor x)
    {
        g.Require(x.Shape.Elements is > 0 and <= int.MaxValue - PerBlock, x);
        return (int)x.Shape.Elements;
    }

    public static int Blocks(int elements) => (elements + PerBlock - 1) / PerBlock;
}
