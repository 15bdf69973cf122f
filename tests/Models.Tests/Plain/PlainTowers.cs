using System.Text.Json.Nodes;

namespace MmKernels.Tests.Plain;

/// <summary>Random vision towers with the hub's names and configs.</summary>
internal static class PlainTowers
{
    private const double Epsilon = 1e-5;

    private static readonly (string Name, Func<double, double> Function)[] Activations =
        [("quick_gelu", PlainMath.QuickGelu), ("gelu", PlainMath.Gelu), ("gelu_pytorch_tanh", PlainMath.GeluTanh)];

    /// <summary>A CLIP tower below <paramref name="root"/>.</summary>
    public static (JsonObject Config, PlainVision Tower) Clip(PlainWeights w, PlainSizes sizes, string root)
    {
        (JsonObject config, PlainVision tower) = Tower(w, sizes, root, "clip_vision_model", patchBias: false, classTokens: 1);
        int hidden = tower.Patches.Outputs;
        return (config, tower with { ClassToken = w.New($"{root}embeddings.class_embedding", 0.5, 0, hidden), PreNorm = w.LayerNorm($"{root}pre_layrnorm", hidden, Epsilon) });
    }

    /// <summary>A SigLIP tower below <paramref name="root"/>, without its head.</summary>
    public static (JsonObject Config, PlainVision Tower) Siglip(PlainWeights w, PlainSizes sizes, string root) => Tower(w, sizes, root, "siglip_vision_model", patchBias: true, classTokens: 0);

    private static (JsonObject, PlainVision) Tower(PlainWeights w, PlainSizes sizes, string root, string type, bool patchBias, int classTokens)
    {
        int hidden = sizes.Width, patch = sizes.Pick(4, 7, 14, 16, 28, 32), grid = sizes.Between(1, 5), size = grid * patch + sizes.Between(0, patch - 1);
        (string name, Func<double, double> activation) = sizes.Pick(Activations);
        double[] weight = w.New($"{root}embeddings.patch_embedding.weight", 1 / Math.Sqrt(3.0 * patch * patch), 0, hidden, 3, patch, patch);
        var tower = new PlainVision
        {
            Patch = patch, Size = size, Heads = sizes.Heads, Activation = activation,
            Patches = new PlainLinear(weight, patchBias ? w.New($"{root}embeddings.patch_embedding.bias", 0.3, 0, hidden) : null, 3 * patch * patch),
            Positions = w.New($"{root}embeddings.position_embedding.weight", 0.5, 0, classTokens + grid * grid, hidden),
            Layers = PlainParts.Layers(sizes, i =>
            {
                string at = $"{root}encoder.layers.{i}.";
                return new PlainVisionLayer(w.LayerNorm($"{at}layer_norm1", hidden, Epsilon), w.Linear($"{at}self_attn.q_proj", hidden, hidden, true), w.Linear($"{at}self_attn.k_proj", hidden, hidden, true),
                    w.Linear($"{at}self_attn.v_proj", hidden, hidden, true), w.Linear($"{at}self_attn.out_proj", hidden, hidden, true), w.LayerNorm($"{at}layer_norm2", hidden, Epsilon),
                    w.Linear($"{at}mlp.fc1", hidden, sizes.Intermediate, true), w.Linear($"{at}mlp.fc2", sizes.Intermediate, hidden, true));
            }),
        };
        var config = new JsonObject
        {
            ["model_type"] = type, ["hidden_size"] = hidden, ["num_attention_heads"] = sizes.Heads, ["num_hidden_layers"] = sizes.Layers, ["intermediate_size"] = sizes.Intermediate,
            ["image_size"] = size, ["patch_size"] = patch, ["hidden_act"] = name, ["layer_norm_eps"] = Epsilon,
        };
        return (config, tower);
    }
}
