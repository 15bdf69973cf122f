using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;
using MmKernels.Tests.Plain;

namespace MmKernels.Tests;

/// <summary>
/// Random sizes of every family against a plain reference in double precision: odd widths and head dimensions, few and many heads of keys, windows, biases, scalings,
/// tied and own heads, in all storage types. The reference reads nothing of ours: it gets the numbers that the checkpoint's file holds.
/// </summary>
public sealed class DecoderSizesTests(DecoderSizesTests.Device device) : IClassFixture<DecoderSizesTests.Device>
{
    private const double Tolerance = 2e-4;   // of |ours - reference| / (1 + |reference|), as fixtures are compared

    private static readonly Dictionary<string, Func<PlainWeights, PlainSizes, PlainModel>> Families = new()
    {
        ["llama"] = PlainLlamas.Llama, ["mistral"] = PlainLlamas.Mistral, ["qwen2"] = PlainLlamas.Qwen2, ["qwen3"] = PlainLlamas.Qwen3, ["gemma"] = PlainLlamas.Gemma, ["gemma2"] = PlainLlamas.Gemma2,
        ["phi3"] = PlainLlamas.Phi3, ["internlm2"] = PlainLlamas.InternLm2, ["chatglm2"] = PlainLlamas.ChatGlm2, ["stablelm"] = PlainLlamas.StableLm, ["gpt_neox"] = PlainGpts.GptNeoX, ["gptj"] = PlainGpts.GptJ, ["phi"] = PlainGpts.Phi,
        ["persimmon"] = PlainGpts.Persimmon, ["opt"] = PlainGpts.Opt, ["gpt2"] = PlainGpts.Gpt2, ["mpt"] = PlainGpts.Mpt, ["bloom"] = PlainGpts.Bloom,
    };

    /// <summary>Seeds of every case; MMK_ROUNDS asks for more.</summary>
    internal static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("MMK_ROUNDS"), out int rounds) ? rounds : 1;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string family in Families.Keys)
                for (int seed = 0; seed < Rounds; seed++) cases.Add(family, seed);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_RandomSizes_GivesTheReferencesLogits(string family, int seed)
    {
        var random = new Random(1000 * seed + family.Sum(letter => letter));
        var weights = new PlainWeights(random, Format(seed));
        var sizes = new PlainSizes(random);
        PlainModel model = Families[family](weights, sizes);
        using var folder = new TemporaryFolder();
        folder.Write("config.json", model.Config.ToJsonString());
        weights.Save(Path.Combine(folder.Path, "model.safetensors"));
        int[] ids = [.. Enumerable.Range(0, random.Next(1, random.Next(3) == 0 ? 300 : 60)).Select(_ => random.Next(sizes.Vocabulary))];

        double[][] expected = model.Decoder.Forward(ids);
        double[][] tail = model.Decoder.Forward([.. ids, 3, 5]);
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        ModelFiles files = ModelFiles.Open(folder.Path);
        Decoder decoder = Model.Build(Recipe.Of(files).Read(files), WeightStore.From(device.Accelerator, checkpoint), device.Accelerator).Llm!;
        using var cache = new KvCache(device.Accelerator, decoder.Spec, ids.Length + 2);

        Compare(expected, Read(decoder, cache, ids, 0), $"prefill of {ids.Length} tokens: {model.Config.ToJsonString()}");
        // A scaling that depends on the length turns at once what here is read in steps.
        if (model.Config["rope_scaling"]?["type"]?.ToString() == "longrope" && ids.Length <= 48 && ids.Length + 2 > 48) return;
        Compare([tail[^2]], Read(decoder, cache, [3], ids.Length), "first step");
        Compare([tail[^1]], Read(decoder, cache, [5], ids.Length + 1), "second step");
    }

    internal static TensorFormat Format(int seed) => (seed % 3) switch { 0 => TensorFormat.F32, 1 => TensorFormat.BF16, _ => TensorFormat.F16 };

    private float[] Read(Decoder decoder, KvCache cache, int[] ids, int held)
    {
        using TensorScope inputs = device.Accelerator.OpenScope();
        var g = new Graph(device.Accelerator);
        cache.Begin(held, ids.Length);
        Tensor y = decoder.Read(g, inputs, TokenMap.Text(ids), held, null, cache, null);
        Tensor logits = g.Keep(decoder.Logits(g, y));
        using GraphPlan plan = g.Plan();
        plan.Run();
        return device.Accelerator.Read<float>(logits);
    }

    internal static void Compare(double[][] expected, float[] ours, string what)
    {
        double[] all = [.. expected.SelectMany(row => row)];
        Assert.Equal(all.Length, ours.Length);
        for (int i = 0; i < all.Length; i++)
            Assert.True(Math.Abs(all[i] - ours[i]) <= Tolerance * (1 + Math.Abs(all[i])), $"{what}: {ours[i]} at {i / expected[0].Length}, {i % expected[0].Length} is not {all[i]}");
    }

    /// <summary>One device for all, so that its kernels are compiled once.</summary>
    public sealed class Device : IDisposable
    {
        internal Accelerator Accelerator { get; } = Accelerator.Open("cpu", threads: 2);

        public void Dispose() => Accelerator.Dispose();
    }
}
