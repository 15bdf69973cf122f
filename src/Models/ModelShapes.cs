using System.Text;
using MmKernels.Data;
using MmKernels.Kernels;

namespace MmKernels.Models;

/// <summary>Shapes of published models by name, for measuring them with random weights.</summary>
public static class ModelShapes
{
    private static readonly Dictionary<string, Func<ModelSpec>> All = new(StringComparer.Ordinal)
    {
        ["clip-l-336"] = () => new ModelSpec { System = "CLIP-L/14-336", Vision = new VisionPart(ClipLarge(), "vision_model"), Weights = [] },
        ["smollm2-135m"] = () => Language("SmolLM2-135M", """{"model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": true}"""),
        ["qwen2.5-0.5b"] = () => Language("Qwen2.5-0.5B", """{"model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936, "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true}"""),
        ["llama-1b"] = () => Language("Llama-3.2-1B", """{"model_type": "llama", "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 128256, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}"""),
        ["vicuna-7b"] = () => Language("Vicuna-7B", Vicuna7B),
        ["llava-1.5-7b"] = () => Language("LLaVA-1.5-7B", Vicuna7B) with
        {
            Vision = new VisionPart(ClipLarge(), "vision_tower.vision_model"),
            Connector = new ConnectorPart(new MlpConnector(States: [23], KeepClassToken: false, Activation.Gelu, Bias: true, "linear_1", "linear_2"), "multi_modal_projector"),
        },
    };

    private const string Vicuna7B = """{"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32064, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}""";

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>The shape of that name.</summary>
    /// <exception cref="MmkException">MMK623: there is none.</exception>
    public static ModelSpec Find(string name) => All.TryGetValue(name, out Func<ModelSpec>? make) ? make() : throw ModelErrors.NoShape(name, Names);

    private static ModelSpec Language(string system, string config)
    {
        ConfigObject root = Parse(config);
        LlmSpec llm = LlmFamily.Of(root)!.Read(root);
        return new ModelSpec { System = system, Llm = new LlmPart(llm, llm.Names.Roots, llm.Names.Heads), Weights = [] };
    }

    private static ClipVisionSpec ClipLarge() => ClipVisionSpec.Read(Parse("""
        {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16, "image_size": 336, "patch_size": 14,
         "num_channels": 3, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}
        """));

    private static ConfigObject Parse(string config) => ConfigObject.Parse(Encoding.UTF8.GetBytes(config), "the shape");
}
