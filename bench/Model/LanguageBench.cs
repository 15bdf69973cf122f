using System.Diagnostics;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;

namespace MmKernels.Bench;

/// <summary>A language model of Llama-3.2-1B's shape.</summary>
internal static class LanguageBench
{
    private const int Hidden = 2048, Intermediate = 8192, KvWidth = 512, Vocabulary = 128256, Prompt = 512, Rounds = 4, DecodePrompt = 32, Steps = 24;

    /// <summary>A prompt of 512 tokens, up to the first token of the answer; only the last row goes through the head.</summary>
    public static void Prefill(int threads, DType type, int layers, bool trace, bool torch)
    {
        using var files = new RandomCheckpoint(RandomCheckpoint.Llama1B(layers), type);
        using Accelerator accelerator = Accelerator.Open("cpu", threads);
        Model model = files.Load(accelerator, out Checkpoint checkpoint);
        using Checkpoint open = checkpoint;
        using var generator = new TextGenerator(accelerator, model.Llm!, Prompt);
        TokenMap prompt = TokenMap.Text([.. Enumerable.Range(0, Prompt).Select(i => i * 241 % Vocabulary)]);
        generator.Prefill(prompt, 0, null, null);
        if (trace) Traces.Print(accelerator, () => generator.Prefill(prompt, 0, null, null));

        using var peak = new Machine.GemmPeak(accelerator);
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            peak.Measure();
            long start = Stopwatch.GetTimestamp();
            generator.Prefill(prompt, 0, null, null);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        peak.Measure();
        double operations = layers * (2.0 * Prompt * PerLayer + 2.0 * Prompt * (Prompt + 1) * Hidden) + 2.0 * Hidden * Vocabulary;
        Console.WriteLine($"prefill Llama-3.2-1B, {layers} layers, {Prompt} tokens, {type} weights, {threads} threads: {best * 1e3:0} ms, {operations / best / 1e9:0.0} GFLOP/s, "
            + $"{operations / best / peak.Best:0.00} of the toolchain's GEMM ({peak.Best / 1e9:0.0} GFLOP/s; aim 0.50)");
        TorchModels.Compare("prefill", threads, DType.F32, layers, best, aim: 0.6, torch);
    }

    /// <summary>Token by token behind a short prompt: every token reads all weights once (the embedding table as the head).</summary>
    public static void Decode(int threads, DType type, int layers, bool trace, bool torch)
    {
        using var files = new RandomCheckpoint(RandomCheckpoint.Llama1B(layers), type);
        using Accelerator accelerator = Accelerator.Open("cpu", threads);
        Model model = files.Load(accelerator, out Checkpoint checkpoint);
        using Checkpoint open = checkpoint;
        using var generator = new TextGenerator(accelerator, model.Llm!);
        generator.Prefill(TokenMap.Text([.. Enumerable.Range(1, DecodePrompt)]), 0, null, null);
        for (int i = 0; i < 3; i++) generator.Next();
        if (trace) Traces.Print(accelerator, () => generator.Next());

        double bytes = type.Bytes() * ((double)layers * PerLayer + (double)Hidden * Vocabulary);
        var peak = new Machine.ReadPeak(threads, bytes);
        double best = double.PositiveInfinity;
        for (int round = 0; round < Steps; round++)
        {
            peak.Measure();
            long start = Stopwatch.GetTimestamp();
            generator.Next();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        peak.Measure();
        Console.WriteLine($"decode Llama-3.2-1B, {layers} layers, {type} weights, {threads} threads: {best * 1e3:0.0} ms per token, {bytes / best / 1e9:0.0} GB/s of weights, "
            + $"{bytes / best / peak.Best:0.00} of a plain read ({peak.Best / 1e9:0.0} GB/s; aim 0.60)");
        foreach (DType other in new[] { DType.F32, DType.BF16 }) TorchModels.Compare("decode", threads, other, layers, best, aim: 1.0, torch);
    }

    /// <summary>Weights of a layer's matrices.</summary>
    private static double PerLayer => Hidden * (2.0 * Hidden + 2 * KvWidth + 3 * Intermediate);
}
