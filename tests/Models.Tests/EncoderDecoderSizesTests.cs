using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;
using MmKernels.Tests.Plain;

namespace MmKernels.Tests;

/// <summary>T5 of random sizes against a plain reference: heads that do not share out the width, any number of buckets, ReLU and gated MLPs, tied and own heads.</summary>
public sealed class EncoderDecoderSizesTests(DecoderSizesTests.Device device) : IClassFixture<DecoderSizesTests.Device>
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 3 * DecoderSizesTests.Rounds)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Forward_RandomSizes_GivesTheReferencesLogits(int seed)
    {
        var random = new Random(500 + seed);
        var weights = new PlainWeights(random, DecoderSizesTests.Format(seed));
        var sizes = new PlainSizes(random);
        PlainT5 reference = PlainT5.Random(weights, sizes);
        using var folder = new TemporaryFolder();
        folder.Write("config.json", reference.Config.ToJsonString());
        weights.Save(Path.Combine(folder.Path, "model.safetensors"));
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 150)).Select(_ => random.Next(sizes.Vocabulary))], answer = [2, .. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(sizes.Vocabulary))];
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        ModelFiles files = ModelFiles.Open(folder.Path);
        Decoder decoder = Model.Build(Recipe.Of(files).Read(files), WeightStore.From(device.Accelerator, checkpoint), device.Accelerator).Llm!;
        using var cache = new KvCache(device.Accelerator, decoder.Spec, prompt.Length + answer.Length);

        // The prompt with the decoder's first token, then one token of the answer after the other.
        List<float> ours = [.. Run(decoder, cache, 0, (g, inputs) => decoder.Read(g, inputs, TokenMap.Text(prompt), 0, null, cache, null))];
        for (int i = 1; i < answer.Length; i++) ours.AddRange(Run(decoder, cache, i, (g, inputs) => decoder.Continue(g, inputs, TokenMap.Text(answer.AsSpan(i, 1)), i, cache)));

        double[][] expected = reference.Forward(prompt, answer);
        DecoderSizesTests.Compare(expected, [.. ours], $"{prompt.Length} tokens: {reference.Config.ToJsonString()}");
    }

    private float[] Run(Decoder decoder, KvCache cache, int held, Func<Graph, TensorScope, Tensor> record)
    {
        using TensorScope inputs = device.Accelerator.OpenScope();
        var g = new Graph(device.Accelerator);
        cache.Begin(held, 1);
        Tensor logits = g.Keep(decoder.Logits(g, record(g, inputs)));
        using GraphPlan plan = g.Plan();
        plan.Run();
        return device.Accelerator.Read<float>(logits);
    }
}
