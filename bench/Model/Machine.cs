using System.Diagnostics;
using MmKernels.Bench.Kernels;
using MmKernels.Graphs;
using MmKernels.Kernels;

namespace MmKernels.Bench;

/// <summary>What the machine and the toolchain can do, measured beside the models.</summary>
internal static class Machine
{
    private const int Side = 1024;

    /// <summary>Operations per second of the toolchain's f32 GEMM where it is best: operands that lie in the caches.</summary>
    public sealed class GemmPeak : IDisposable
    {
        private readonly Accelerator accelerator;
        private readonly TensorScope scope;
        private readonly GraphPlan plan;

        public GemmPeak(Accelerator accelerator)
        {
            this.accelerator = accelerator;
            scope = accelerator.OpenScope();
            float[] values = new float[Side * Side];
            var random = new Random(1);
            for (int i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() - 0.5);
            Tensor x = scope.Upload<float>(DType.F32, new Shape(Side, Side), values), w = scope.Upload<float>(DType.F32, new Shape(Side, Side), values);
            var g = new Graph(accelerator);
            g.Linear(x, w);
            plan = g.Plan();
        }

        public double Best { get; private set; }

        public void Measure(int times = 8)
        {
            for (int i = 0; i < times; i++)
            {
                long start = Stopwatch.GetTimestamp();
                plan.Run();
                accelerator.Synchronize();
                Best = Math.Max(Best, 2.0 * Side * Side * Side / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        public void Dispose()
        {
            plan.Dispose();
            scope.Dispose();
        }
    }

    /// <summary>Bytes per second of a plain sum over memory that no cache holds, as many bytes at a time as what it stands beside reads: others' work disturbs both alike.</summary>
    public sealed class ReadPeak(int threads, double bytes)
    {
        private readonly float[] memory = [.. Enumerable.Repeat(1f, 1 << 27)];

        public double Best { get; private set; }

        public void Measure()
        {
            int times = Math.Max(1, (int)Math.Round(bytes / (4.0 * memory.Length)));
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++) Yardsticks.Sum(memory, threads);
            Best = Math.Max(Best, times * 4.0 * memory.Length / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}
