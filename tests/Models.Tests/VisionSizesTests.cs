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
        int hidden = sizes.Between(20, 120), vision = tower.Patches.Outputs;
        int[] layers = [.. Enumerable.Range(0, sizes.Between(1, 3)).Select(_ => -sizes.Between(1, sizes.Layers + 1))];
        PlainLinear first = weights.Linear("multi_modal_projector.linear_1", layers.Length * vision, hidden, bias), second = weights.Linear("multi_modal_projector.linear_2", hidden, hidden, bias);
        var root = new JsonObject
        {
            ["model_type"] = "llava", ["vision_config"] = config, ["vision_feature_layer"] = layers.Length == 1 ? layers[0] : new JsonArray([.. layers.Select(layer => (JsonNode)layer)]), ["vision_feature_select_strategy"] = full ? "full" : "default", ["projector_hidden_act"] = "gelu",
            ["multimodal_projector_bias"] = bias, ["image_token_index"] = 5,
            ["text_config"] = new JsonObject
            {
                ["model_type"] = "llama", ["vocab_size"] = 33, ["hidden_size"] = hidden, ["num_attention_heads"] = 1, ["head_dim"] = 8, ["num_hidden_layers"] = 1, ["intermediate_size"] = 11,
            },
        };
        double[][][] pictures = [.. Enumerable.Range(0, sizes.Between(1, 3)).Select(_ => Picture(random, tower.Size, tower.Size))];

        float[] made = Tokens(root, weights, pictures, tower.Size);

        double[][] states = [.. pictures.Select(picture => tower.States(picture, tower.Size, tower.Size)).SelectMany(all =>
            Enumerable.Range(full ? 0 : 1, all[0].Length - (full ? 0 : 1)).Select(token => layers.SelectMany(layer => all[sizes.Layers + 1 + layer][token]).ToArray()))];
        DecoderSizesTests.Compare(second.Apply(PlainMath.Map(first.Apply(states), PlainMath.Gelu)), made, root.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void See_RandomVila_GivesTheReferencesTokens(int seed)
    {
        var random = new Random(9000 + seed);
        var weights = new PlainWeights(random, DecoderSizesTests.Format(seed));
        var sizes = new PlainSizes(random);
        (JsonObject config, PlainVision tower) = PlainTowers.Siglip(weights, sizes, "vision_tower.vision_tower.vision_model.");
        int hidden = sizes.Between(20, 120), width = 4 * tower.Patches.Outputs, layer = -sizes.Between(1, sizes.Layers + 1), grid = tower.Size / tower.Patch, half = (grid + 1) / 2;
        bool byColumns = sizes.Coin;
        PlainNorm norm = weights.LayerNorm("mm_projector.layers.1", width, 1e-5);
        PlainLinear first = weights.Linear("mm_projector.layers.2", width, hidden, true), second = weights.Linear("mm_projector.layers.4", hidden, hidden, true);
        var root = new JsonObject
        {
            ["model_type"] = "llava_llama", ["vision_tower_cfg"] = config, ["mm_vision_select_layer"] = layer, ["mm_vision_select_feature"] = "cls_patch", ["image_aspect_ratio"] = "resize",
            ["mm_projector_cfg"] = new JsonObject { ["mm_projector_type"] = "mlp_downsample", ["token_order"] = byColumns ? "columns" : "rows" },
            ["llm_cfg"] = new JsonObject
            {
                ["model_type"] = "llama", ["vocab_size"] = 33, ["hidden_size"] = hidden, ["num_attention_heads"] = 1, ["head_dim"] = 8, ["num_hidden_layers"] = 1, ["intermediate_size"] = 11,
            },
        };
        double[][][] pictures = [.. Enumerable.Range(0, sizes.Between(1, 3)).Select(_ => Picture(random, tower.Size, tower.Size))];

        float[] made = Tokens(root, weights, pictures, tower.Size);

        double[][] squares = [.. pictures.Select(picture => tower.States(picture, tower.Size, tower.Size)[sizes.Layers + 1 + layer]).SelectMany(patches => Enumerable.Range(0, half * half)
            .Select(token => byColumns ? (Row: token % half, Column: token / half) : (Row: token / half, Column: token % half))
            .Select(at => new[] { (0, 0), (0, 1), (1, 0), (1, 1) }.SelectMany(place => Patch(patches, 2 * at.Row + place.Item1, 2 * at.Column + place.Item2)).ToArray()))];
        DecoderSizesTests.Compare(second.Apply(PlainMath.Map(first.Apply(norm.Apply(squares)), PlainMath.Gelu)), made, root.ToJsonString());

        double[] Patch(double[][] patches, int row, int column) => row < grid && column < grid ? patches[row * grid + column] : new double[tower.Patches.Outputs];
    }

    /// <summary>What tower and connector of a checkpoint make of pictures.</summary>
    private float[] Tokens(JsonObject config, PlainWeights weights, double[][][] pictures, int side)
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", config.ToJsonString());
        weights.Save(Path.Combine(folder.Path, "model.safetensors"));
        ModelFiles files = ModelFiles.Open(folder.Path);
        ModelSpec spec = Recipe.Of(files).Read(files);
        VisionSpec vision = spec.Vision!.Spec;
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        WeightStore store = WeightStore.From(device.Accelerator, checkpoint);
        VisionTower tower = vision.Load(store.Root.Under([.. spec.Vision.Names]), store.Root);
        ConnectorModule connector = spec.Connector!.Connector.Load(store.Root.Under([.. spec.Connector.Names]), vision, spec.Llm!.Spec);
        store.Check();

        using TensorScope inputs = device.Accelerator.OpenScope();
        var g = new Graph(device.Accelerator);
        Visual visual = connector.Encode(g, tower.Encode(g, Upload(inputs, pictures, side, side), spec.Connector.Connector.Taps(vision)));
        Tensor made = g.Keep(visual.Tokens!);
        using GraphPlan plan = g.Plan();
        plan.Run();
        Assert.Equal(spec.Connector.Connector.Tokens(vision.Picture.Grid, vision.Picture.Grid), visual.TokensPerImage);
        return device.Accelerator.Read<float>(made);
    }

    private static ConfigObject Parse(JsonObject config) => ConfigObject.Parse(System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json");

    private static double[][] Picture(Random random, int height, int width)
        => [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, height * width).Select(_ => (double)(float)(4 * random.NextDouble() - 2)).ToArray())];

    private static Tensor Upload(TensorScope inputs, double[][][] pictures, int height, int width)
        => inputs.Upload<float>(DType.F32, new Shape(pictures.Length, 3, height, width), [.. pictures.SelectMany(picture => picture.SelectMany(channel => channel)).Select(value => (float)value)]);
}
