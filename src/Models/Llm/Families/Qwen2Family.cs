using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Qwen 2 and 2.5: LLaMA's block with biases on queries, keys and values.</summary>
/// <remarks>source: Yang et al. 2024, arXiv:2407.10671; transformers, Qwen2ForCausalLM.</remarks>
internal sealed class Qwen2Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["qwen2"];

    public override LlmSpec Read(ConfigObject config)
    {
        LlmSpec spec = new LlamaFamily().Read(config);
        return spec with { Attention = spec.Attention with { QkvBias = true, OutputBias = false, Window = Window(config, spec.Layers) } };
    }

    /// <summary>The upper layers' window, which is written in every config and mostly switched off.</summary>
    internal static AttentionWindow? Window(ConfigObject config, int layers)
    {
        int first = config.Int("max_window_layers", 0);
        return config.Bool("use_sliding_window", false) ? Windows.Read(config, layers, layer => layer >= first) : null;
    }
}
