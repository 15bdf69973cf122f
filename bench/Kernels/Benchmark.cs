using MmKernels.Graphs;

namespace MmKernels.Bench.Kernels;

/// <summary>A kernel at one shape, and what to hold it against.</summary>
/// <param name="Name">The kernel and its shape.</param>
/// <param name="Unit">Of work per second: GFLOP/s or GB/s.</param>
/// <param name="Work">Operations or bytes of a run.</param>
/// <param name="Prepare">Makes the operands.</param>
internal sealed record Benchmark(string Name, string Unit, double Work, Func<Operands, Run> Prepare)
{
    /// <summary>Operations or bytes of a run of the yardstick.</summary>
    public double YardstickWork { get; init; } = Work;
}

/// <summary>What is measured.</summary>
/// <param name="Record">Records a run of ours.</param>
internal sealed record Run(Action<Graph> Record)
{
    /// <summary>A run of hand-written vector code.</summary>
    public Action? Yardstick { get; init; }

    /// <summary>A run of OpenBLAS, where that is installed.</summary>
    public Action? OpenBlas { get; init; }
}

/// <summary>Makes the tensors of a benchmark, which live as long as the scope.</summary>
/// <param name="scope">Where they are.</param>
/// <param name="threads">That everything measured may use.</param>
internal sealed class Operands(TensorScope scope, int threads)
{
    public int Threads => threads;

    public Tensor Tensor(params int[] dims) => scope.Upload<float>(DType.F32, new Shape(dims), Random((int)new Shape(dims).Elements));

    public Tensor Tensor(float[] values, params int[] dims) => scope.Upload<float>(DType.F32, new Shape(dims), values);

    public Tensor Weights(DType type, float[] w, int n, int k) => type switch
    {
        DType.F32 => scope.Upload<float>(type, new Shape(n, k), w),
        DType.F16 => scope.Upload<Half>(type, new Shape(n, k), Array.ConvertAll(w, value => (Half)value)),
        _ => scope.Upload<ushort>(type, new Shape(n, k), Array.ConvertAll(w, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
    };

    public Tensor Counting(int count) => scope.Upload<int>(DType.I32, new Shape(count), Enumerable.Range(0, count).ToArray());

    public Tensor Number(int value) => scope.Upload<int>(DType.I32, new Shape(1), [value]);

    /// <summary>Numbers from -1 to 1.</summary>
    public static float[] Random(int length)
    {
        var random = new Random(length);
        var values = new float[length];
        for (int i = 0; i < length; i++) values[i] = (float)(random.NextDouble() * 2 - 1);
        return values;
    }
}
