using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Bench;

/// <summary>
/// From nothing to weights in memory: opening the checkpoint, building the model, and reading a byte of every page of every weight, as the first kernels do.
/// Beside it a plain reading of the same file. Cold: the page cache has been asked to forget the file (Linux).
/// </summary>
internal static partial class LoadBench
{
    private const int DontNeed = 4, Rounds = 3;

    public static void Run(int threads, DType type, int layers)
    {
        using var files = new RandomCheckpoint(RandomCheckpoint.Llama1B(layers), type);
        long bytes = new FileInfo(files.Path).Length;
        Load(threads, files);   // the runtime's own compilation is not the weights' loading
        foreach (bool cold in new[] { true, false })
        {
            double load = double.PositiveInfinity, read = double.PositiveInfinity;
            long copied = 0;
            for (int round = 0; round < Rounds; round++)
            {
                if (cold) Forget(files.Path);
                read = Math.Min(read, Read(files.Path));
                if (cold) Forget(files.Path);
                (double seconds, long anonymous) = Load(threads, files);
                load = Math.Min(load, seconds);
                copied = Math.Max(copied, anonymous);
            }
            Console.WriteLine($"load {bytes / 1e9:0.00} GB, {type}, {(cold ? "cold" : "warm")}: {load * 1e3:0} ms, {bytes / load / 1e9:0.00} GB/s, {read / load:0.00} of reading the file ({bytes / read / 1e9:0.00} GB/s; aim 0.50); "
                + $"memory beyond the file's own pages +{copied / 1e6:0} MB");
        }
    }

    private static (double Seconds, long Anonymous) Load(int threads, RandomCheckpoint files)
    {
        using Accelerator accelerator = Accelerator.Open("cpu", threads);
        long before = Anonymous();
        long start = Stopwatch.GetTimestamp();
        Model model = files.Load(accelerator, out Checkpoint checkpoint);
        using Checkpoint open = checkpoint;
        long sum = 0;
        foreach (CheckpointTensor tensor in open.Tensors)
            for (long at = 0; at < tensor.Bytes; at += Environment.SystemPageSize) sum += tensor.Slice(at, 1)[0];
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        GC.KeepAlive((model, sum));
        return (seconds, Anonymous() - before);
    }

    private static double Read(string path)
    {
        var buffer = new byte[4 << 20];
        long start = Stopwatch.GetTimestamp();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        while (file.Read(buffer) > 0) { }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Resident memory that belongs to no file.</summary>
    private static long Anonymous()
    {
        GC.Collect();
        foreach (string line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal)) return 1024 * long.Parse(line["RssAnon:".Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
        return 0;
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
