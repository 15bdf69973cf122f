using MmKernels.Data;

namespace MmKernels.Models;

/// <summary>Qwen 2 and 2.5: LLaMA's block with biases on queries, keys and values.</summary>
/// <remarks>source: Yang et al. 2024, arXiv:2407.10671; transformers, Qwen2ForCausalLM.</remarks>
internal sealed class Qwen2Family : LlmFamily
{
    public override IReadOnlyList<string> ModelTypes => ["qwen2"];

    public override LlmSpec Read(ConfigObject config)
    {
        if (config.Bool("use_sliding_window", false)) throw Unsupported(config, "a sliding window of attention (use_sliding_window)");
        LlmSpec spec = new LlamaFamily().Read(config);
        return spec with { Attention = spec.Attention with { QkvBias = true, OutputBias = false } };
    }
}
