using System.Text.Json.Nodes;
using MmKernels.Data;
using MmKernels.Graphs;
using MmKernels.Models;
using MmKernels.Tests.Plain;

namespace MmKernels.Tests;

/// <summary>Random sizes of vision towers and of whole LLaVAs against plain references: patches that do not fill the picture, other and oblong pictures, several at once.</summary>
public sealed class VisionSizesTests(DecoderSizesTests.Device device) : IClassFixture<DecoderSizesTests.Device>
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            for (int seed = 0; seed < DecoderSizesTests.Rounds; seed++)
                foreach (string kind in new[] { "clip", "siglip" }) cases.Add(kind, seed);
            return cases;
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, DecoderSizesTests.Rounds)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Encode_RandomSizes_GivesTheReferencesStates(string kind, int seed)
    {
        var random = new Random(100 * seed + kind.Length);
        var weights = new PlainWeights(random, DecoderSizesTests.Format(seed));
        var sizes = new PlainSizes(random);
        (JsonObject config, PlainVision tower) = kind == "clip" ? PlainTowers.Clip(weights, sizes, "vision_model.") : PlainTowers.Siglip(weights, sizes, "vision_model.");
        VisionSpec spec = kind == "clip" ? ClipVisionSpec.Read(Parse(config)) : SiglipVisionSpec.Read(Parse(config));
        using var folder = new TemporaryFolder();
        weights.Save(Path.Combine(folder.Path, "model.safetensors"));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        WeightStore store = WeightStore.From(device.Accelerator, checkpoint);
        VisionTower ours = spec.Load(store.Root["vision_model"], store.Root);
        store.Check();

        foreach ((int height, int width) in new[] { (tower.Size, tower.Size), (tower.Patch * sizes.Between(1, 6), tower.Patch * sizes.Between(1, 6) + tower.Patch - 1) })
        {
            double[][][] pictures = [.. Enumerable.Range(0, sizes.Between(1, 3)).Select(_ => Picture(random, height, width))];
            List<double[][]>[] expected = Array.ConvertAll(pictures, picture => tower.States(picture, height, width));
            using TensorScope inputs = device.Accelerator.OpenScope();
            var g = new Graph(device.Accelerator);
            VisionFeatures features = ours.Encode(g, Upload(inputs, pictures, height, width), [.. Enumerable.Range(0, spec.Layers + 1)]);
            Tensor[] states = [.. Enumerable.Range(0, spec.Layers + 1).Select(tap => g.Keep(features.All(tap)))];
            using GraphPlan plan = g.Plan();
            plan.Run();

            for (int tap = 0; tap < states.Length; tap++)
                DecoderSizesTests.Compare([.. expected.SelectMany(picture => picture[tap])], device.Accelerator.Read<float>(states[tap]), $"state {tap} of {pictures.Length} pictures {height} x {width}: {config.ToJsonString()}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void See_RandomLlava_GivesTheReferencesTokens(int seed)
    {
        var random = new Random(7000 + seed);
        var weights = new PlainWeights(random, DecoderSizesTests.Format(seed));
        var sizes = new PlainSizes(random);
        bool siglip = sizes.Coin, full = siglip || sizes.Coin, bias = sizes.Coin;
        (JsonObject config, PlainVision tower) = siglip ? PlainTowers.Siglip(weights, sizes, "vision_tower.vision_model.") : PlainTowers.Clip(weights, sizes, "vision_tower.vision_model.");
        int hidden = sizes.Between(20, 120), vision = tower.Patches.Outputs, layer = -sizes.Between(1, sizes.Layers + 1);
        PlainLinear first = weights.Linear("multi_modal_projector.linear_1", vision, hidden, bias), second = weights.Linear("multi_modal_projector.linear_2", hidden, hidden, bias);
        var root = new JsonObject
        {
            ["model_type"] = "llava", ["vision_config"] = config, ["vision_feature_layer"] = layer, ["vision_feature_select_strategy"] = full ? "full" : "default", ["projector_hidden_act"] = "gelu",
            ["multimodal_projector_bias"] = bias, ["image_token_index"] = 5,
            ["text_config"] = new JsonObject
            {
                ["model_type"] = "llama", ["vocab_size"] = 33, ["hidden_size"] = hidden, ["num_attention_heads"] = 1, ["head_dim"] = 8, ["num_hidden_layers"] = 1, ["intermediate_size"] = 11,
            },
        };
        using var folder = new TemporaryFolder();
        folder.Write("config.json", root.ToJsonString());
        weights.Save(Path.Combine(folder.Path, "model.safetensors"));
        ModelSpec spec = Recipe.Of(ModelFiles.Open(folder.Path)).Read(ModelFiles.Open(folder.Path));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        WeightStore store = WeightStore.From(device.Accelerator, checkpoint);
        VisionTower ours = spec.Vision!.Spec.Load(store.Root.Under([.. spec.Vision.Names]), store.Root);
        ConnectorModule connector = spec.Connector!.Connector.Load(store.Root.Under([.. spec.Connector.Names]), spec.Vision.Spec, spec.Llm!.Spec);
        store.Check();
        double[][][] pictures = [.. Enumerable.Range(0, sizes.Between(1, 3)).Select(_ => Picture(random, tower.Size, tower.Size))];

        using TensorScope inputs = device.Accelerator.OpenScope();
        var g = new Graph(device.Accelerator);
        Visual visual = connector.Encode(g, ours.Encode(g, Upload(inputs, pictures, tower.Size, tower.Size), spec.Connector.Connector.Taps(spec.Vision.Spec)));
        Tensor made = g.Keep(visual.Tokens!);
        using GraphPlan plan = g.Plan();
        plan.Run();

        double[][] states = [.. pictures.SelectMany(picture => tower.States(picture, tower.Size, tower.Size)[sizes.Layers + 1 + layer][(full ? 0 : 1)..])];
        DecoderSizesTests.Compare(second.Apply(PlainMath.Map(first.Apply(states), PlainMath.Gelu)), device.Accelerator.Read<float>(made), root.ToJsonString());
        Assert.Equal(visual.TokensPerImage, spec.Connector.Connector.Tokens(spec.Vision.Spec.Picture.Grid, spec.Vision.Spec.Picture.Grid));
    }

    private static ConfigObject Parse(JsonObject config) => ConfigObject.Parse(System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json");

    private static double[][] Picture(Random random, int height, int width)
        => [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, height * width).Select(_ => (double)(float)(4 * random.NextDouble() - 2)).ToArray())];

    private static Tensor Upload(TensorScope inputs, double[][][] pictures, int height, int width)
        => inputs.Upload<float>(DType.F32, new Shape(pictures.Length, 3, height, width), [.. pictures.SelectMany(picture => picture.SelectMany(channel => channel)).Select(value => (float)value)]);
}
