using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>What a device can do at best, for models to be measured against.</summary>
public static class Yardsticks
{
    private const int ReadBlocks = 2048;   // of 256 KB: no cache holds 512 MB

    /// <summary>The matrix product where it is fastest: bf16 on tensor cores, else f32 on cubes that caches hold.</summary>
    public static KernelWorkload Gemm(Accelerator accelerator)
    {
        (int side, DType type) = accelerator.TensorCores ? (8192, DType.BF16) : (1024, DType.F32);
        return new KernelWorkload($"Gemm {side}x{side}x{side} {type}", 2.0 * side * side * side, 0, (g, inputs) => g.Linear(Zeros(g, inputs, type, side, side), Zeros(g, inputs, type, side, side)));
    }

    /// <summary>Nothing but reading.</summary>
    public static KernelWorkload Read => KernelWorkloads.ReadPeak(ReadBlocks);

    private static Tensor Zeros(Graph g, TensorScope inputs, DType type, int rows, int columns)
    {
        Tensor tensor = inputs.Allocate(type, new Shape(rows, columns));
        g.Accelerator.Clear(tensor);
        return tensor;
    }
}
