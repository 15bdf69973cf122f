using System.Diagnostics;
using MmKernels.Data;

namespace MmKernels.Bench;

/// <summary>Time to open a file of many small tensors: the header's parse.</summary>
public static class HeaderBench
{
    private const int Runs = 21;

    public static void Run()
    {
        foreach (int tensors in new[] { 1_000, 10_000, 100_000 })
        {
            string path = Path.GetTempFileName();
            try
            {
                var bytes = new byte[2];
                SafetensorsWriter.Write(path, Enumerable.Range(0, tensors).Select(i => new TensorToWrite($"model.layers.{i / 10}.block.{i % 10}.projection.weight", TensorFormat.BF16, new Shape(1, 1), bytes)));
                var wall = new List<double>();
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                for (int i = 0; i < Runs; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    using (Checkpoint.Open(path)) wall.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
                cpu = Environment.CpuUsage.TotalTime - cpu;
                Console.WriteLine($"open {tensors} tensors, {new FileInfo(path).Length / 1e6:0.00} MB: first {wall[0]:0.00} ms, best {wall.Min():0.00} ms, processor time {cpu.TotalMilliseconds / Runs:0.00} ms");
            }
            finally { File.Delete(path); }
        }
    }
}
