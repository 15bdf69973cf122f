using System.Diagnostics;
using MmKernels.Data;

namespace MmKernels.Bench;

/// <summary>Time to open a file of many small tensors: the header's parse.</summary>
public static class HeaderBench
{
    public static void Run()
    {
        foreach (int tensors in new[] { 1_000, 10_000, 100_000 })
        {
            string path = Path.GetTempFileName();
            try
            {
                var bytes = new byte[2];
                SafetensorsWriter.Write(path, Enumerable.Range(0, tensors).Select(i => new TensorToWrite($"model.layers.{i / 10}.block.{i % 10}.projection.weight", TensorFormat.BF16, new Shape(1, 1), bytes)));
                var times = new List<double>();
                for (int i = 0; i < 21; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    using (Checkpoint.Open(path)) times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
                Console.WriteLine($"open {tensors} tensors, {new FileInfo(path).Length / 1e6:0.00} MB: first {times[0]:0.00} ms, median {times.Order().ElementAt(10):0.00} ms");
            }
            finally { File.Delete(path); }
        }
    }
}
