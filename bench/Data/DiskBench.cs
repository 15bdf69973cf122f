using System.Diagnostics;
using System.Runtime.InteropServices;
using MmKernels.Data;

namespace MmKernels.Bench;

/// <summary>A real file that the page cache has forgotten: what opening and reading one tensor fetches from the disk (Linux).</summary>
public static partial class DiskBench
{
    private const int Tensors = 32, Elements = 8 << 20, DontNeed = 4;

    public static void Run()
    {
        string path = Path.Combine(Path.GetTempPath(), $"mmk-bench-{Environment.ProcessId}.safetensors");
        try
        {
            var bytes = new byte[2 * Elements];
            new Random(1).NextBytes(bytes);
            SafetensorsWriter.Write(path, Enumerable.Range(0, Tensors).Select(i => new TensorToWrite($"t{i:00}", TensorFormat.BF16, new Shape(Elements), bytes)));
            Forget(path);
            ProcessUse before = ProcessUse.Now();
            using Checkpoint checkpoint = Checkpoint.Open(path);
            Console.WriteLine($"open {new FileInfo(path).Length / 1e6:0} MB on disk: {(ProcessUse.Now().Fetched - before.Fetched) / 1e6:0.00} MB fetched (the system reads ahead)");
            foreach (int index in new[] { 7, 19 })
            {
                before = ProcessUse.Now();
                var values = new float[Elements];
                long start = Stopwatch.GetTimestamp();
                CheckpointTensor tensor = checkpoint[$"t{index:00}"];
                tensor.ReadFloats(0, values);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                Console.WriteLine($"  read a tensor of {tensor.Bytes / 1e6:0.0} MB: {tensor.Bytes / seconds / 1e9:0.00} GB/s, {(ProcessUse.Now().Fetched - before.Fetched) / 1e6:0.0} MB fetched");
            }
        }
        finally { File.Delete(path); }
    }

    private static void Forget(string path)
    {
        using FileStream file = File.OpenWrite(path);
        file.Flush(flushToDisk: true);
        _ = Advise((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
