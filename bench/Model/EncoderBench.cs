using System.Diagnostics;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Bench;

/// <summary>One picture through an encoder of CLIP-L/14-336's shape, all layers.</summary>
internal static class EncoderBench
{
    private const int Tokens = 577, Patches = 576, Hidden = 1024, Intermediate = 4096, PatchPixels = 3 * 14 * 14, Rounds = 5;

    public static void Run(int threads, DType type, int layers, bool trace, bool torch)
    {
        using var files = new RandomCheckpoint(RandomCheckpoint.ClipLarge(layers), type);
        using Accelerator accelerator = Accelerator.Open("cpu", threads);
        Model model = files.Load(accelerator, out Checkpoint checkpoint);
        using Checkpoint open = checkpoint;
        Tensor pixels = accelerator.Upload<float>(DType.F32, new Shape(1, 3, 336, 336), [.. Enumerable.Range(0, 3 * 336 * 336).Select(i => MathF.Sin(i * 0.37f))]);
        var g = new Graph(accelerator);
        g.Keep(model.Vision!.Encode(g, pixels, layers).All(layers));
        using GraphPlan plan = g.Plan();
        if (trace)
        {
            plan.Run();
            Traces.Print(accelerator, plan.Run);
        }

        using var peak = new Machine.GemmPeak(accelerator);
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            peak.Measure();
            long start = Stopwatch.GetTimestamp();
            plan.Run();
            accelerator.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        peak.Measure();
        double operations = 2.0 * Patches * PatchPixels * Hidden + layers * (2.0 * Tokens * Hidden * (4 * Hidden + 2 * Intermediate) + 4.0 * Tokens * Tokens * Hidden);
        Console.WriteLine($"encoder CLIP-L/14-336, {layers} layers, {type} weights, {threads} threads: {best * 1e3:0} ms, {operations / best / 1e9:0.0} GFLOP/s, "
            + $"{operations / best / peak.Best:0.00} of the toolchain's GEMM ({peak.Best / 1e9:0.0} GFLOP/s; aim 0.60)");
        TorchModels.Compare("encoder", threads, DType.F32, layers, best, aim: 0.6, torch);
    }
}
