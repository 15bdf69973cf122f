using System.Diagnostics;
using MmKernels.Data;

namespace MmKernels.Bench;

/// <summary>Speed of reading weights as floats on one core.</summary>
public static class FloatsBench
{
    public static void Run()
    {
        const int Elements = 1 << 22;
        var values = new float[Elements];
        string path = Path.GetTempFileName();
        try
        {
            foreach (TensorFormat format in new[] { TensorFormat.F32, TensorFormat.F16, TensorFormat.BF16, TensorFormat.F8E4M3 })
            {
                var bytes = new byte[(long)Elements * format.BlockBits() / 8];
                new Random(1).NextBytes(bytes);
                SafetensorsWriter.Write(path, [new TensorToWrite("t", format, new Shape(Elements), bytes)]);
                using Checkpoint checkpoint = Checkpoint.Open(path);
                CheckpointTensor tensor = checkpoint["t"];
                double best = double.MaxValue;
                for (int i = 0; i < 5; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    tensor.ReadFloats(0, values);
                    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
                Console.WriteLine($"{format.Name()}: {Elements / best / 1e6:0} million elements per second, {bytes.Length / best / 1e9:0.00} GB/s read");
            }
        }
        finally { File.Delete(path); }
    }
}
